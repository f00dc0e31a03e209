import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { machineSkip, temporaryFolder } from '@micronova/testing'
import { PrivilegedCallFailed, PrivsepError, type PrivsepErrorCode } from '../../src/index.js'
import { startContext } from '../support/start-context.js'

const withCode = (code: PrivsepErrorCode, message: RegExp) => (err: unknown) => {
  assert.ok(err instanceof PrivsepError, String(err))
  assert.equal(err.code, code)
  assert.match(err.message, message)
  return true
}

/** Waits until `condition` holds: for what other processes do, of which nobody tells. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5)
}
const isRunning = (pid: number) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))

test('no helper runs before the first call; calls that come together share one', async (t) => {
  const { privsep, privileged } = startContext(t)
  assert.deepEqual(privsep.status, { context: 'test.context', running: false, started: 0 })
  const pids = await Promise.all([privileged.echo.pid({}), privileged.echo.pid({}), privileged.echo.pid({})])
  assert.equal(new Set(pids).size, 1)
  assert.deepEqual(privsep.status, { context: 'test.context', running: true, started: 1 })
  assert.equal(await privileged.echo.back({ text: 'ab', times: 2 }), 'abab')
})

test('a start without a call tells who the helper is, and calls then go to it', async (t) => {
  const { privsep, privileged } = startContext(t)
  const facts = await privsep.start()
  assert.equal(facts?.pid, await privileged.echo.pid({}))
  assert.equal(facts?.uid, process.getuid?.())
  assert.equal(privsep.status.started, 1)
  const missing = startContext(t, { settings: { helper_command: '/nonexistent/helper' } })
  await assert.rejects(missing.privsep.start(), withCode('start_failed', /cannot be run/))
})

test('the helper holds the capabilities of its context and no others', { skip: machineSkip('root') }, async (t) => {
  const { privileged, log } = startContext(t)
  const status = await privileged.echo.status({})
  // CAP_CHOWN is 0, CAP_NET_ADMIN is 12.
  for (const set of ['CapEff', 'CapPrm', 'CapBnd']) assert.match(status, new RegExp(`^${set}:\\s+0000000000001001$`, 'm'))
  assert.match(log.messages('INFO').join('\n'), /capabilities \(eff\/prm\/inh\): CAP_CHOWN\|CAP_NET_ADMIN\/CAP_CHOWN\|CAP_NET_ADMIN\/none/)
})

test('a helper that was started past its launcher, with all capabilities, does not serve', { skip: machineSkip('root') }, async (t) => {
  const { privileged } = startContext(t, { settings: { helper_command: null } })
  // The program itself, without setpriv before it.
  await assert.rejects(privileged.echo.pid({}), withCode('start_failed', /cannot be run|could not be dropped/))
  const direct = startContext(t, {
    settings: { helper_command: `${process.execPath} ${new URL('../support/test-helper.js', import.meta.url).pathname}` },
  })
  await assert.rejects(
    direct.privileged.echo.pid({}),
    withCode('start_failed', /privileges could not be dropped: asked for CAP_NET_ADMIN, CAP_CHOWN/),
  )
})

test('what the helper does not know or does not take is refused, whatever the caller says of types', async (t) => {
  const modules = startContext(t).privileged as unknown as Record<string, Record<string, (args: unknown) => Promise<unknown>>>
  const call = (name: string, args: unknown) => {
    const [module, func] = name.split('.') as [string, string]
    return modules[module]![func]!(args)
  }
  await assert.rejects(call('echo.back', { text: 'Not Letters' }), withCode('refused', /its argument text is not letters/))
  await assert.rejects(call('echo.back', { text: 'abc\n' }), withCode('refused', /argument text/))
  await assert.rejects(call('echo.back', { text: ['a'] }), withCode('refused', /argument text/))
  await assert.rejects(call('echo.back', { text: 'a', times: '2' }), withCode('refused', /argument times is not an integer/))
  await assert.rejects(call('echo.back', { text: 'a', more: 1 }), withCode('refused', /no argument "more"/))
  await assert.rejects(call('echo.back', JSON.parse('{"text":"a","__proto__":{}}')), withCode('refused', /no argument "__proto__"/))
  await assert.rejects(call('echo.back', null), withCode('refused', /not an object/))
  // It stands in the table of a module, but nobody declared it as a privileged function.
  await assert.rejects(call('trouble.notAFunction', {}), withCode('refused', /has no function "trouble.notAFunction"/))
})

test('a function that fails says so, and the helper goes on', async (t) => {
  const { privileged, privsep } = startContext(t)
  await assert.rejects(privileged.trouble.fail({}), (err) => {
    assert.ok(err instanceof PrivilegedCallFailed)
    assert.deepEqual([err.code, err.kind, err.exitStatus], ['failed', 'command_failed', 2])
    assert.match(err.stderr, /nonexistent/)
    return true
  })
  assert.equal(await privileged.echo.back({ text: 'a' }), 'a')
  assert.equal(privsep.status.started, 1)
})

test('frames beyond the limit are refused on both sides, and the helper goes on', async (t) => {
  const { privileged, privsep } = startContext(t)
  await assert.rejects(privileged.echo.back({ text: 'a'.repeat(5 << 20) }), withCode('too_large', /was not sent/))
  await assert.rejects(privileged.echo.back({ text: 'a', times: 5 << 20 }), withCode('failed', /result cannot be sent/))
  assert.equal((await privileged.echo.back({ text: 'a', times: 3 << 20 })).length, 3 << 20)
  assert.equal(privsep.status.started, 1)
})

test('more calls than the channel takes are refused, those before them are not harmed', async (t) => {
  const { privileged } = startContext(t)
  await privileged.echo.pid({})
  const outcomes = await Promise.allSettled(Array.from({ length: 600 }, () => privileged.echo.back({ text: 'a' })))
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  assert.equal(refused.length, 600 - 512)
  assert.ok(refused.every(({ reason }) => reason instanceof PrivsepError && reason.code === 'too_many_calls'))
})

test('a helper that dies in the midst of a call fails that call, which is not run again; the next call has a new helper', async (t) => {
  const path = join(temporaryFolder(t), 'ran')
  const { privileged, privsep, log } = startContext(t)
  const pid = await privileged.echo.pid({})
  const together = await Promise.allSettled([privileged.trouble.hang({}), privileged.trouble.die({ path })])
  for (const outcome of together) assert.ok(outcome.status === 'rejected' && withCode('helper_died', /may have run or not/)(outcome.reason))
  assert.notEqual(await privileged.echo.pid({}), pid)
  assert.equal(readFileSync(path, 'utf8'), 'ran\n')
  assert.equal(privsep.status.started, 2)
  assert.deepEqual(log.messages('WARNING'), ['RESTARTING PrivContext for test.context'])
})

for (const how of ['hang', 'block'] as const)
  test(`a helper that does not answer (${how}) is given up and killed; the next call has a new one`, async (t) => {
    const { privileged } = startContext(t)
    const pid = await privileged.echo.pid({})
    await assert.rejects(privileged.trouble[how]({}, { timeoutMs: 50 }), withCode('timeout', /did not answer in 50 ms/))
    await until(() => !isRunning(pid))
    assert.notEqual(await privileged.echo.pid({}), pid)
  })

test('a helper that breaks its channel is given up', async (t) => {
  const { privileged } = startContext(t)
  const pid = await privileged.echo.pid({})
  await assert.rejects(privileged.trouble.garble({}), withCode('helper_died', /broke its channel/))
  assert.notEqual(await privileged.echo.pid({}), pid)
})

test('lines of the helper are in the log of the service, under logger_name', async (t) => {
  const { privileged, log } = startContext(t, { settings: { logger_name: 'mine' } })
  await privileged.echo.say({ text: 'hello' })
  const line = await log.seen(/^hello$/)
  assert.deepEqual([line.name, line.level], ['nova.privsep.mine', 'WARNING'])
})

test('the channel is two sockets without a name, which nobody else can open; the helper listens nowhere and knows no environment', async (t) => {
  const { privileged } = startContext(t)
  const pid = await privileged.echo.pid({})
  const opened = readdirSync(`/proc/${pid}/fd`).map((fd) => [fd, readlinkSync(`/proc/${pid}/fd/${fd}`)] as const)
  const sockets = opened.filter(([, target]) => target.startsWith('socket:'))
  assert.deepEqual(sockets.map(([fd]) => fd).sort(), ['0', '1', '2'])
  const known = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  for (const [, target] of sockets) {
    // Num RefCount Protocol Flags Type St Inode Path; the flag 00010000 is that of a socket that listens.
    const line = known.find((columns) => `socket:[${columns[6]}]` === target)
    assert.deepEqual([line?.[3], line?.[7]], ['00000000', undefined])
  }
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  assert.deepEqual(
    environment.filter((entry) => entry !== '' && !entry.startsWith('PATH=')),
    [],
  )
})

test('the helper ends, and the command that it runs with it, when its service is killed', async (t) => {
  const path = join(temporaryFolder(t), 'pid')
  const service = spawn(process.execPath, [fileURLToPath(new URL('../support/doomed-service.js', import.meta.url)), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(service.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  await until(() => existsSync(path) && readFileSync(path, 'utf8') !== '')
  const command = Number(readFileSync(path, 'utf8'))
  assert.ok(isRunning(pid) && isRunning(command))
  service.kill('SIGKILL')
  await until(() => !isRunning(pid) && !isRunning(command))
})

test('a stop waits for the call in hand, ends the helper and refuses what comes later', async (t) => {
  const { privileged, privsep } = startContext(t)
  const pid = await privileged.echo.pid({})
  const inHand = privileged.echo.back({ text: 'a' })
  await privsep.stop(AbortSignal.timeout(5000))
  assert.equal(await inHand, 'a')
  await until(() => !isRunning(pid))
  await assert.rejects(privileged.echo.pid({}), withCode('stopped', /is being stopped/))
})

test('a stop past its deadline leaves neither the helper nor the command that it ran', async (t) => {
  const path = join(temporaryFolder(t), 'pid')
  const { privileged, privsep } = startContext(t)
  const pid = await privileged.echo.pid({})
  const inHand = privileged.trouble.sleep({ path })
  inHand.catch(() => {})
  await until(() => existsSync(path) && readFileSync(path, 'utf8') !== '')
  const command = Number(readFileSync(path, 'utf8'))
  assert.ok(isRunning(command))
  await privsep.stop(AbortSignal.timeout(100))
  await assert.rejects(inHand)
  await until(() => !isRunning(pid) && !isRunning(command))
})

test('a helper that cannot be started says why in a sentence, and each call tries again', async (t) => {
  const { privileged, privsep } = startContext(t, { settings: { helper_command: '/nonexistent/helper' } })
  await assert.rejects(privileged.echo.pid({}), withCode('start_failed', /cannot be run: .*ENOENT/))
  await assert.rejects(privileged.echo.pid({}), withCode('start_failed', /ENOENT/))
  assert.equal(privsep.status.started, 2)
  const silent = startContext(t, { settings: { helper_command: 'sh -c "echo not allowed >&2; exit 1"' } })
  await assert.rejects(silent.privileged.echo.pid({}), withCode('start_failed', /ended with status 1: not allowed/))
  assert.deepEqual(silent.log.messages('WARNING'), ['privsep log: not allowed'])
})

test('a helper that ends as soon as it is up fails the call that waited, and is not started for ever', async (t) => {
  const ready = '{"ready":{"pid":1,"uid":0,"gid":0,"effective":[],"permitted":[],"inheritable":[]}}'
  const script = `const b = Buffer.from(process.argv[1]); const h = Buffer.alloc(4); h.writeUInt32BE(b.length); require('fs').writeSync(1, Buffer.concat([h, b]))`
  const { privileged, privsep } = startContext(t, { settings: { helper_command: `${process.execPath} -e "${script}" '${ready}'` } })
  await assert.rejects(privileged.trouble.hang({}), (err) => err instanceof PrivsepError && err.code === 'helper_died')
  await assert.rejects(privileged.trouble.hang({}), (err) => err instanceof PrivsepError && err.code === 'helper_died')
  assert.ok(privsep.status.started <= 3, `${privsep.status.started} starts`)
  assert.equal(privsep.status.running, false)
})

test('a stop does not wait beyond its deadline for a helper that does not come up', async (t) => {
  const { privileged, privsep } = startContext(t, { settings: { helper_command: 'sh -c "exec sleep 1000"' } })
  const call = privileged.echo.pid({})
  call.catch(() => {})
  const begunMs = performance.now()
  await privsep.stop(AbortSignal.timeout(50))
  await assert.rejects(call, withCode('start_failed', /was stopped before it was up/))
  assert.ok(performance.now() - begunMs < 5000)
})

test('a configuration that cannot work is known without a start', (t) => {
  const { privsep } = startContext(t, { settings: { helper_command: 'sudo nova-rootwrap /etc/nova/rootwrap.conf privsep-helper' } })
  assert.match(privsep.misconfigured() ?? '', /names privsep-helper, the helper of Python's services/)
  assert.match(startContext(t, { settings: { capabilities: ['CAP_FLY'] } }).privsep.misconfigured() ?? '', /CAP_FLY is not a capability/)
  assert.match(startContext(t, { settings: { helper_command: 'a "b' } }).privsep.misconfigured() ?? '', /quote that does not end/)
  assert.equal(startContext(t).privsep.misconfigured(), null)
})
