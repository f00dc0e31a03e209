// Memory of a running nova-conductor and nova-compute, garbage collected: warm, and after many reloads, calls and reconnections.
//
//   --reloads=10000 --calls=100000 --reconnects=1000   of each service; a fifth of each comes first, to warm up
//   --snapshots=FOLDER                                 heap snapshots before and after, which cost memory themselves
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { createTransport } from '@micronova/messaging'
import { adminContext, novaErrorCatalogue, novaRegistry } from '@micronova/model'
import { createBaseApi, createConductorApi, createConductorStores, createNovaSerializer } from '@micronova/rpcapi'
import { program, round, smallCell } from './_measure.mjs'

const probe = fileURLToPath(new URL('_memory-probe.cjs', import.meta.url))
const started = /Start-up step periodic_tasks done/
const reloaded = /Option DEFAULT\.debug changed from/
const reconnected = /Reconnected to the AMQP server .*\(listen\)/
const callsInFlight = 64
/** Before it the figures do not hold still: code is compiled, modules are loaded, V8's space for young objects grows to its 32 MiB. */
const warmUpShare = 1 / 5

/** @param {{ url?: string, reloads?: string, calls?: string, reconnects?: string, snapshots?: string }} options */
export async function run({ url, reloads = '10000', calls = '100000', reconnects = '1000', snapshots }) {
  const cell = smallCell(url)
  const closers = []
  try {
    const conductor = await start('nova-conductor', cell, closers)
    const compute = await start('nova-compute', cell, closers)
    const peer = openPeer(cell.url, closers)
    const works = [
      { service: conductor, call: () => peer.stores.services.getByHostAndBinary(peer.ctx, 'bench1', 'nova-compute') },
      { service: compute, call: () => peer.compute.ping(peer.ctx, { arg: 'bench' }) },
    ]
    const figures = {}
    for (const { service, call } of works) {
      const phases = {
        reloads: [Number(reloads), (count) => reload(service, count)],
        calls: [Number(calls), (count) => repeat(call, count)],
        reconnects: [Number(reconnects), (count) => reconnect(service, count)],
      }
      const states = [{ after: 'start', ...(await service.memory()) }]
      for (const [count, work] of Object.values(phases)) await work(Math.ceil(count * warmUpShare))
      states.push({ after: 'warming up', ...(await service.memory()) })
      if (snapshots) await service.memory(join(snapshots, `${service.name}-before.heapsnapshot`))
      for (const [name, [count, work]] of Object.entries(phases)) {
        await work(count)
        states.push({ after: `${count} ${name}`, ...(await service.memory()) })
      }
      if (snapshots) await service.memory(join(snapshots, `${service.name}-after.heapsnapshot`))
      figures[service.name] = { states, ...growth(states) }
    }
    return figures
  } finally {
    for (const close of closers.reverse()) await close()
    cell.remove()
  }
}

/** A service behind a proxy of its own, which can cut its connections. */
async function start(name, { config, url, write }, closers) {
  const proxy = await openProxy(url)
  closers.push(() => proxy.close())
  const { port } = proxy
  const transportUrl = new URL(url)
  transportUrl.port = String(port)
  // The delay would be a second at most, a thousand times.
  write(`${name}.conf`, `[DEFAULT]\ntransport_url = ${transportUrl.href}\n[oslo_messaging_rabbit]\nkombu_reconnect_delay = 0.01\n`)
  const mutable = `${config}.d/${name}-debug.conf`
  writeFileSync(mutable, '')
  const args = ['--expose-gc', '-r', probe, program(name), '--config-file', config, '--config-file', `${config}.d/${name}.conf`]
  const child = spawn(process.execPath, [...args, '--config-file', mutable], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const watching = new Set()
  createInterface(child.stderr).on('line', (line) => {
    for (const watch of watching) watch(line)
  })
  const service = {
    name,
    pid: child.pid,
    proxy,
    mutable,
    debug: false,
    /** Resolves when `count` lines have matched from now on. */
    logged(pattern, count = 1) {
      return new Promise((resolve, reject) => {
        let left = count
        const watch = (line) => {
          if (!pattern.test(line) || --left > 0) return
          watching.delete(watch)
          child.off('exit', ended)
          resolve()
        }
        const ended = (status) => reject(new Error(`${name} ended with ${status}`))
        watching.add(watch)
        child.once('exit', ended)
      })
    },
    async memory(snapshot = null) {
      child.send(snapshot ?? {})
      const [{ heapKib, reservedKib, rssKib }] = await once(child, 'message')
      const mb = (kib) => round(kib / 1024)
      return { heap_mb: mb(heapKib), outside_mb: mb(rssKib - reservedKib), rss_mb: mb(rssKib) }
    },
  }
  closers.push(async () => {
    const exit = once(child, 'exit')
    if (child.kill('SIGTERM')) await exit
  })
  await service.logged(started)
  return service
}

/** Each one changes an option, so that each one can be seen to have happened: signals that come too fast become one. */
async function reload(service, count) {
  for (let index = 0; index < count; index++) {
    service.debug = !service.debug
    writeFileSync(service.mutable, `[DEFAULT]\ndebug = ${service.debug}\n`)
    const done = service.logged(reloaded)
    process.kill(service.pid, 'SIGHUP')
    await done
  }
}

async function repeat(call, count) {
  let left = count
  const caller = async () => {
    while (left-- > 0) await call()
  }
  await Promise.all(Array.from({ length: callsInFlight }, caller))
}

/** All connections are cut each time, also those that are just being made; the one that consumes has come back each time. */
async function reconnect({ proxy, logged }, count) {
  for (let index = 0; index < count; index++) {
    const done = logged(reconnected)
    proxy.cut()
    await done
  }
}

/** TCP to the broker of `url`. */
async function openProxy(url) {
  const { hostname: host, port } = new URL(url)
  const pairs = new Set()
  const server = createServer((near) => {
    const far = connect({ host, port: Number(port) })
    const pair = [near, far]
    pairs.add(pair)
    for (const [one, other] of [pair, pair.toReversed()]) {
      one.on('error', () => {}) // 'close' follows
      one.on('close', () => {
        other.destroy()
        pairs.delete(pair)
      })
      one.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => {
    for (const [near, far] of pairs) {
      near.destroy()
      far.destroy()
    }
  }
  return {
    port: server.address().port,
    cut,
    close() {
      cut()
      server.close()
    },
  }
}

/** Who calls the services, past the proxies. */
function openPeer(url, closers) {
  const deps = { clock: systemClock, random: systemRandom, log: nullLogger, errors: novaErrorCatalogue }
  const transport = createTransport(url, deps, { controlExchange: 'nova', responseTimeoutSeconds: 60 })
  closers.push(() => transport.stop(AbortSignal.timeout(1000)))
  const registry = novaRegistry()
  const connection = { transport, serializer: createNovaSerializer({ registry }) }
  const stores = createConductorStores(createConductorApi(connection), registry)
  return { stores, compute: createBaseApi('compute', connection), ctx: adminContext(deps) }
}

function growth(states) {
  const [, before] = states
  const after = states.at(-1)
  const percent = (key) => round((100 * (after[key] - before[key])) / before[key])
  return { heap_growth_percent: percent('heap_mb'), rss_growth_percent: percent('rss_mb') }
}

export function describe(figures) {
  const row = ({ after, heap_mb, outside_mb, rss_mb }) =>
    `  after ${after.padEnd(18)} live heap ${heap_mb} MiB, outside the heap ${outside_mb} MiB, resident ${rss_mb} MiB`
  return Object.entries(figures)
    .flatMap(([name, { states, heap_growth_percent: heap, rss_growth_percent: rss }]) => [
      `${name}: live heap ${heap} %, resident memory ${rss} % more than when warm`,
      ...states.map(row),
    ])
    .join('\n')
}
