import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { describe, test } from 'node:test'
import { MessagingTimeout } from '@micronova/messaging'
import { sql } from 'kysely'
import { createBoot } from './support/boots.js'
import { Cell } from './support/cell.js'
import { eventually } from './support/eventually.js'
import { callConductor, callsInFlight, Load } from './support/load.js'
import type { Settings } from './support/nova-conf.js'
import { RawBroker } from './support/raw-broker.js'
import type { RunningService } from './support/running-service.js'
import { servicesSkip } from './support/services.js'

const ended = (status: number) => ({ status, signal: null })
/** What ends "at once" ends within this many milliseconds on a machine that has other things to do. */
const atOnceMs = 8000
/** Of a method that there is not, so that the log tells which process took it. */
const handled = /^\S+ \S+ (\d+) ERROR .*Exception during message handling of nothing/

describe('several workers of nova-conductor', { skip: servicesSkip, concurrency: true }, () => {
  test('under calls', { timeout: 150_000 }, async (t) => {
    const cell = await Cell.create(t)
    const options = (settings: Settings[string] = {}) => ({ DEFAULT: { host: 'controller', ...settings }, conductor: { workers: 3 } })
    const file = cell.configFile(options())
    const conductor = cell.execute('nova-conductor', '--config-file', file)
    await conductor.served(3)
    await cell.start('nova-compute')
    const plane = cell.controlPlane({ responseTimeoutSeconds: 3 })
    const broker = await RawBroker.open(cell.cleanups, cell.brokerUrl)
    let casts = 0
    const cast = () => broker.publish('conductor', `{"method": "nothing", "args": {}, "_unique_id": "${++casts}"}`)
    const allHandled = () => eventually('each cast is handled', () => conductor.matching(handled).length >= casts || undefined)

    await t.test('three processes that are children of the first serve, and each of them takes of the one queue', async () => {
      assert.deepEqual(
        conductor
          .workers()
          .map(({ pid }) => pid)
          .sort(),
        conductor.serving.sort(),
      )
      assert.equal((await broker.queue('conductor')).consumers, 3)
      for (let count = 0; count < 60; count++) await cast()
      await allHandled()
      const takers = new Set(conductor.matching(handled).map((line) => Number(handled.exec(line)?.[1])))
      assert.deepEqual([...takers].sort(), conductor.serving.sort())
    })

    await t.test('SIGHUP loses no call and no cast; each worker takes debug over, and names what it cannot', async () => {
      const load = new Load(cell.cleanups, callConductor(plane))
      for (const [index, debug] of [true, false, true, false].entries()) {
        const from = conductor.lines.length
        cell.configFile(options({ debug, graceful_shutdown_timeout: 50 + index }), file)
        conductor.signal('SIGHUP')
        const changed = new RegExp(`Option DEFAULT\\.debug changed from \\[${!debug}\\] to \\[${debug}\\]`)
        await linesOfEach(conductor, changed, from, 4)
        await linesOfEach(conductor, / WARNING .*only after a restart: \[DEFAULT\] graceful_shutdown_timeout$/, from, 4)
        await cast()
        await load.answered(100)
      }
      await load.stop()
      await allHandled()
      assert.deepEqual(load.errors, [])
      assert.deepEqual(conductor.matching(/Child \d+ (killed|exited)/), [])
    })

    await t.test('a file that has become wrong is said once, by the first process, and changes nothing', async () => {
      const from = conductor.lines.length
      cell.configFile(options({ debug: 'perhaps', graceful_shutdown_timeout: 50 }), file)
      conductor.signal('SIGHUP')
      await conductor.logged(/ ERROR .*could not be read again/, { from })
      cell.configFile(options({ debug: true }), file)
      conductor.signal('SIGHUP')
      await linesOfEach(conductor, /Option DEFAULT\.debug changed from \[false\]/, from, 4)
      assert.equal(conductor.lines.slice(from).filter((line) => line.includes('could not be read again')).length, 1)
      cell.configFile(options(), file)
      conductor.signal('SIGHUP')
      await linesOfEach(conductor, /Option DEFAULT\.debug changed from \[true\]/, from, 4)
    })

    await t.test('workers that are killed are replaced; of the calls those that they had taken time out, and no other', async () => {
      const load = new Load(cell.cleanups, callConductor(plane))
      await load.answered(100)
      const before = conductor.serving.length
      for (const { pid } of conductor.workers()) {
        const count = conductor.serving.length
        process.kill(pid, 'SIGKILL')
        await conductor.logged(new RegExp(`Child ${pid} killed by signal 9`))
        await conductor.served(count + 1)
        await load.answered(100)
      }
      await load.stop()
      assert.ok(load.errors.length <= 3 * callsInFlight, `${load.errors.length} errors`)
      for (const err of load.errors) assert.ok(err instanceof MessagingTimeout, String(err))
      assert.equal(conductor.serving.length, before + 3)
      t.diagnostic(`${load.errors.length} of ${load.results} calls timed out`)
    })

    await t.test('none that has ended is left a zombie', () => {
      assert.deepEqual(
        conductor.workers().map(({ state }) => state === 'Z'),
        [false, false, false],
      )
    })

    await t.test('a worker that dies at every start is made anew 4 times in 3 s and no more, and the others go on', async () => {
      const load = new Load(cell.cleanups, callConductor(plane))
      cell.configFile(options({ debug: 'perhaps' }), file)
      const [victim] = conductor.workers()
      const from = conductor.lines.length
      const begunMs = performance.now()
      process.kill(victim?.pid ?? 0, 'SIGKILL')
      const deaths = () => conductor.lines.slice(from).filter((line) => /Child \d+ exited with status 1$/.test(line)).length
      await eventually('it has died several times', () => deaths() >= 6 || undefined)
      const seconds = (performance.now() - begunMs) / 1000
      assert.ok(deaths() <= 4 * (1 + seconds / 3), `${deaths()} in ${seconds} s`)
      assert.match(await conductor.logged(/^nova-conductor: /, { from }), /\[DEFAULT\] debug = 'perhaps': /)
      const count = conductor.serving.length
      cell.configFile(options(), file)
      await conductor.served(count + 1)
      await load.answered(100)
      await load.stop()
      assert.ok(load.errors.length <= callsInFlight, `${load.errors.length} errors`)
    })

    await t.test('a worker that is told to stop finishes and is replaced', async () => {
      const load = new Load(cell.cleanups, callConductor(plane))
      const [{ pid } = { pid: 0 }] = conductor.workers()
      const count = conductor.serving.length
      process.kill(pid, 'SIGTERM')
      await conductor.logged(new RegExp(`Child ${pid} exited with status 0`))
      await conductor.served(count + 1)
      await load.stop()
      assert.deepEqual(load.errors, [])
    })

    await t.test('workers whose first process was killed stop by themselves, and no call is lost', async () => {
      const load = new Load(cell.cleanups, callConductor(plane))
      await load.answered(100)
      const next = await cell.start('nova-conductor', options())
      process.kill(conductor.pid, 'SIGKILL')
      assert.deepEqual(await conductor.ended(), { status: null, signal: 'SIGKILL' }) // all who write to its log have ended
      assert.equal(conductor.matching(/Parent process has died unexpectedly, exiting/).length, 3)
      await load.answered(100)
      await load.stop()
      assert.deepEqual(load.errors, [])
      assert.deepEqual(await next.stop(), ended(0))
    })
  })

  test('with work in hand', { timeout: 150_000 }, async (t) => {
    const cell = await Cell.create(t)
    const settings = { conductor: { workers: 2 } }
    const first = await cell.start('nova-conductor', settings)
    await first.served(2)
    const plane = cell.controlPlane({ responseTimeoutSeconds: 20 })
    const broker = await RawBroker.open(cell.cleanups, cell.brokerUrl)

    /** A call that lasts until `finish`: the row that it writes is locked. */
    const longCall = async () => {
      const { ctx, instance, uuid } = await createBoot(plane, 'compute1')
      const lock = await lockRow(cell, uuid)
      instance.display_name = 'renamed'
      const answer = plane.stores.instances.save(ctx, instance).then(
        () => 'done',
        (err: Error) => err.name,
      )
      await eventually('the call waits for the row', () => lock.isWaitedFor())
      return { answer, finish: lock.release }
    }
    const consumers = async () => (await broker.queue('conductor')).consumers

    let conductor = first
    for (const who of ['the first process', 'the whole process group'] as const) {
      await t.test(`SIGTERM to ${who} lets a call be answered; what comes meanwhile waits for the next start`, async () => {
        const { answer, finish } = await longCall()
        if (who === 'the first process') conductor.signal('SIGTERM')
        else conductor.signalGroup('SIGTERM')
        await eventually('no worker consumes', async () => (await consumers()) === 0 || undefined)
        const next = callConductor(plane)().catch((err: Error) => err.message)
        await eventually('the next call waits', async () => (await broker.queue('conductor')).messages === 1 || undefined)
        assert.equal(conductor.workers().length > 0, true)
        await finish()
        assert.equal(await answer, 'done')
        assert.deepEqual(await conductor.ended(), ended(0))
        assert.equal((await broker.queue('conductor')).messages, 1)
        conductor = await cell.start('nova-conductor', settings)
        assert.match(String(await next), /^the conductor answered null$/) // there is no nova-compute in this cell
        await conductor.served(2)
      })
    }

    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      await t.test(`a second signal, ${signal}, ends all of them at once with status 1`, async () => {
        const { answer, finish } = await longCall()
        conductor.signal('SIGTERM')
        await eventually('no worker consumes', async () => (await consumers()) === 0 || undefined)
        conductor.signal(signal)
        assert.deepEqual(await conductor.ended(atOnceMs), ended(1))
        await finish()
        conductor = await cell.start('nova-conductor', { ...settings, DEFAULT: { graceful_shutdown_timeout: 1 } })
        await conductor.served(2)
        void answer // its worker is gone
      })
    }

    await t.test('Ctrl-C ends all of them at once with status 1', async () => {
      const other = await cell.start('nova-conductor', settings)
      await other.served(2)
      other.signalGroup('SIGINT')
      assert.deepEqual(await other.ended(atOnceMs), ended(1))
    })

    await t.test('work that outlasts graceful_shutdown_timeout is left, and the status is 1', async () => {
      const { finish } = await longCall()
      conductor.signal('SIGTERM')
      assert.deepEqual(await conductor.ended(1000 + atOnceMs), ended(1))
      assert.ok(conductor.matching(/Graceful shutdown timeout exceeded, instantaneous exiting/).length >= 1)
      await finish()
    })
  })

  test('that cannot start yet', async (t) => {
    const cell = await Cell.create(t)
    const database = { connection: 'mysql+pymysql://nova:NOVA_DBPASS@127.0.0.1:1/nova' }

    await t.test('SIGTERM while they wait for the database ends them at once with status 0', async () => {
      const conductor = cell.run('nova-conductor', { database, conductor: { workers: 2 } })
      await linesOfEach(conductor, / WARNING .*the database does not answer/, 0, 2)
      conductor.signal('SIGTERM')
      assert.deepEqual(await conductor.ended(atOnceMs), ended(0))
    })

    await t.test('without a number there are as many as processors', async () => {
      const conductor = cell.run('nova-conductor', { database, conductor: { workers: null } })
      await conductor.logged(
        availableParallelism() === 1 ? /database does not answer/ : new RegExp(`Starting ${availableParallelism()} workers`),
      )
      assert.deepEqual(await conductor.stop(), ended(0))
    })
  })
})

/** Resolves when `count` processes have each logged a line that matches, from line `from` on. */
async function linesOfEach(service: RunningService, pattern: RegExp, from: number, count: number): Promise<void> {
  const speakers = () => new Set(service.lines.slice(from).flatMap((line) => (pattern.test(line) ? [line.split(' ')[2]] : [])))
  await eventually(`${count} processes log ${pattern}`, () => speakers().size === count || undefined)
}

/** Hold the row of an instance, in a transaction of the test's own. */
async function lockRow({ database, cleanups }: Cell, uuid: string) {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let locked = () => {}
  const isLocked = new Promise<void>((resolve) => {
    locked = resolve
  })
  const transaction = database.kysely.transaction().execute(async (trx) => {
    await sql`select id from instances where uuid = ${uuid} for update`.execute(trx)
    locked()
    await released
  })
  cleanups.after(release)
  await isLocked
  return {
    async isWaitedFor(): Promise<true | undefined> {
      const query = sql`select 1 from information_schema.processlist where db = database() and info like 'update%instances%'
        and id <> connection_id()`
      const { rows } = await query.execute(database.kysely)
      return rows.length > 0 || undefined
    },
    async release(): Promise<void> {
      release()
      await transaction
    },
  }
}
