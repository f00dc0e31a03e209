import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import { run, start } from './run.js'

const state = (t: Parameters<typeof temporaryFolder>[0], ...deeper: string[]) => join(temporaryFolder(t), ...deeper, 'state')

test('micronova up shows each step, then the service table, writes the ready file and stops cleanly', async (t) => {
  const folder = state(t)
  const ready = `${folder}.json`
  const up = start(t, 'micronova', ['up', '--state-dir', folder, '--ready-file', ready])
  await up.printed(/ready after/)
  const shown = up.stdout()
  for (const step of ['schema', 'init_host', 'service_record', 'rpc_server', 'periodic_tasks'])
    assert.match(shown, new RegExp(` ${step} +\\d+ ms`))
  assert.match(shown, /Binary +Host +State +Version\nnova-conductor +\S+ +up +64\nnova-compute +\S+ +up +64\n/)
  const { pid, endpoints, services } = JSON.parse(readFileSync(ready, 'utf8'))
  assert.equal(pid, up.child.pid)
  assert.equal(endpoints.control, `unix:${folder}/control.sock`)
  assert.equal(services.length, 2)
  up.child.kill('SIGTERM')
  assert.equal(await up.exit(), 0)
  assert.equal(up.stderr(), '')
  assert.equal(existsSync(join(folder, 'lock')), false)
})

test('everything that the cloud keeps is readable by its owner only', async (t) => {
  const folder = state(t)
  const up = start(t, 'micronova', ['up', '--state-dir', folder])
  await up.printed(/ready after/)
  const entries = readdirSync(folder, { recursive: true }) as string[]
  assert.ok(entries.length >= 5)
  assert.equal(statSync(folder).mode & 0o077, 0)
  // Within a folder that only its owner may enter, the log keeps the mode that logs have.
  for (const entry of entries.filter((name) => !name.endsWith('.log'))) assert.equal(statSync(join(folder, entry)).mode & 0o077, 0, entry)
})

test('the demo boots an instance through RPC, shows its states as they change and deletes it', async (t) => {
  const folder = state(t)
  await start(t, 'micronova', ['up', '--state-dir', folder]).printed(/ready after/)
  const { status, stdout, stderr } = await run(t, 'micronova', ['demo', '--state-dir', folder])
  assert.equal(status, 0, stderr)
  const states = stdout.split('\n').map((line) => line.replace(/^ *\d+(\.\d+)? m?s {2}/, ''))
  assert.match(states[0] ?? '', /^instance [0-9a-f-]{36} \(demo\) created, sent to /)
  assert.match(states[1] ?? '', /^BUILDING/)
  assert.ok(states.some((line) => /^ACTIVE, power running, on \S+, 10\./.test(line)))
  assert.equal(states.at(-2), 'deleted')
})

test('the all-in-one tells how it is over health_listen, and what it does in a report', async (t) => {
  const folder = state(t)
  const base = temporaryFolder(t)
  const [config, socket] = [join(base, 'nova.conf'), join(base, 'health.sock')]
  writeFileSync(config, `[micronova]\nhealth_listen = unix:${socket}\n[oslo_reports]\nlog_dir = ${base}\n`)
  const up = start(t, 'micronova', ['up', '--hosts', '2', '--state-dir', folder, '--config-file', config])
  await up.printed(/ready after/)
  const ask = (path: string) =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      get({ socketPath: socket, path }, async (answer) => {
        let text = ''
        for await (const chunk of answer.setEncoding('utf8')) text += chunk
        resolve({ status: answer.statusCode, text })
      }).on('error', reject)
    })
  assert.deepEqual([(await ask('/livez')).status, (await ask('/readyz?verbose')).status], [200, 200])
  assert.equal((await run(t, 'micronova', ['demo', '--state-dir', folder])).status, 0)
  assert.match(
    (await ask('/metrics')).text,
    /^micronova_rpc_requests_total\{topic="compute",method="build_and_run_instance",outcome="done"\} 1$/m,
  )
  up.child.kill('SIGUSR2')
  const written = () => readdirSync(base).filter((name) => name.startsWith('micronova_gurumeditation_'))
  const text = () =>
    written()
      .map((name) => readFileSync(join(base, name), 'utf8'))
      .join('')
  for (let tries = 0; !/ Configuration [\s\S]*\n\n/.test(text()) && tries < 500; tries++)
    await new Promise((resolve) => setTimeout(resolve, 20))
  const report = text()
  assert.match(report, /nova-compute \S+-2 rpc_server +.* done\n/)
  assert.match(report, /nova-conductor \S+ +conductor +\S+ +running +0 +0\n/)
  assert.match(report, /-1 _sync_power_states/)
  up.child.kill('SIGTERM')
  assert.equal(await up.exit(), 0)
  assert.equal(existsSync(socket), false)
})

test('an instance that was kept is there after a restart, and running', async (t) => {
  const folder = state(t)
  const first = start(t, 'micronova', ['up', '--state-dir', folder])
  await first.printed(/ready after/)
  const { stdout } = await run(t, 'micronova', ['demo', '--keep', '--state-dir', folder])
  const uuid = /instance ([0-9a-f-]{36})/.exec(stdout)?.[1]
  first.child.kill('SIGINT')
  assert.equal(await first.exit(), 0)
  await start(t, 'micronova', ['up', '--state-dir', folder]).printed(/ready after/)
  const args = JSON.stringify({
    objname: 'Instance',
    objmethod: 'get_by_uuid',
    object_versions: { Instance: '2.7' },
    args: [uuid],
    kwargs: {},
  })
  const answer = await run(t, 'micronova', ['rpc', 'call', 'conductor', 'object_class_action_versions', args, '--state-dir', folder])
  const instance = JSON.parse(answer.stdout)['nova_object.data']
  assert.equal(instance.vm_state, 'active')
  assert.equal(instance.power_state, 1)
  assert.equal(instance.task_state, null)
})

test('two clouds run beside each other; a second one on the same state directory is refused with the pid of the first', async (t) => {
  const [one, two] = [state(t), state(t)]
  const first = start(t, 'micronova', ['up', '--state-dir', one])
  const other = start(t, 'micronova', ['up', '--state-dir', two])
  await Promise.all([first.printed(/ready after/), other.printed(/ready after/)])
  const refused = await run(t, 'micronova', ['up', '--state-dir', one])
  assert.equal(refused.status, 1)
  assert.equal(refused.stderr, `micronova: state directory ${one} is in use by process ${first.child.pid}\n`)
})

test('several hosts are several computes', async (t) => {
  const folder = state(t)
  const up = start(t, 'micronova', ['up', '--state-dir', folder, '--hosts', '3'])
  await up.printed(/ready after/)
  assert.equal(up.stdout().match(/^nova-compute +\S+-[123] +up +64$/gm)?.length, 3)
  const { stdout } = await run(t, 'micronova', ['demo', '--state-dir', folder, '--host', /(\S+-2) +up/.exec(up.stdout())?.[1] as string])
  assert.match(stdout, /ACTIVE, power running, on \S+-2,/)
})

test('a state directory with a long path works', async (t) => {
  const folder = state(t, 'x'.repeat(100))
  await start(t, 'micronova', ['up', '--state-dir', folder]).printed(/ready after/)
  const { stdout } = await run(t, 'micronova', ['rpc', 'call', 'conductor', 'ping', '{"arg": 1}', '--state-dir', folder])
  assert.deepEqual(JSON.parse(stdout), { service: 'conductor', arg: 1 })
})

test('rpc call keeps integers beyond 2^53 and tells a failure in one sentence', async (t) => {
  const folder = state(t)
  await start(t, 'micronova', ['up', '--state-dir', folder]).printed(/ready after/)
  const rpc = (...args: string[]) => run(t, 'micronova', ['rpc', ...args, '--state-dir', folder])
  const ping = await rpc('call', 'compute', 'ping', '{"arg": 1180591620717411303424}')
  assert.match(ping.stdout, /"arg": 1180591620717411303424\n/)
  const unknown = await rpc('call', 'compute', 'no_such_method')
  assert.equal(unknown.status, 1)
  assert.match(unknown.stderr, /^micronova: .*NoSuchMethod.*no_such_method\n$/)
  const nobody = await rpc('call', 'nonesuch', 'ping', '{"arg": 1}', '--timeout', '1')
  assert.equal(nobody.status, 1)
  assert.match(nobody.stderr, /^micronova: no reply to ping after 1\d{3} ms\n$/)
  const cast = await rpc('cast', 'compute', 'ping', '{"arg": 1}', '--fanout')
  assert.deepEqual([cast.status, cast.stdout, cast.stderr], [0, '', ''])
})

test('wrong usage ends with status 2 and one sentence', async (t) => {
  const folder = state(t)
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['up', '--hosts', '0'], /^error: option '--hosts <n>' argument '0' is invalid\. It must be a whole number above 0\.\n$/],
    [['up', '--driver', 'xen'], /^error: option '--driver <name>' argument 'xen' is invalid\. Allowed choices are auto, fake\.\n$/],
    [['nonesuch'], /^error: unknown command 'nonesuch'\n$/],
    [['rpc', 'call', 'compute', 'ping', '{'], /^micronova: the arguments are not JSON: \{\n$/],
    [['rpc', 'call', 'compute', 'ping', '[1]'], /^micronova: the arguments must be a JSON object, as \{"name": 1\}\n$/],
    [['wire', 'check', join(folder, 'none.jsonl')], /^micronova: .*none\.jsonl: no such file\n$/],
  ]
  for (const [args, expected] of cases) {
    const { status, stderr } = await run(t, 'micronova', args)
    assert.equal(status, 2, args.join(' '))
    assert.match(stderr, expected)
  }
})

test('what is missing or cannot be used is named, with status 1 and without a stack', async (t) => {
  const folder = state(t)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'nova.conf'), '[DEFAULT]\nreport_interval = often\n')
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ['demo', '--state-dir', folder],
      /^micronova: no micronova runs with state directory .*: start it with "npm start", or give --url or --config-file\n$/,
    ],
    [['up', '--state-dir', '/dev/null/x'], /^micronova: state directory \/dev\/null\/x cannot be used: ENOTDIR\n$/],
    [['up', '--state-dir', join(folder, 's'), '--config-file', join(folder, 'nova.conf')], /^micronova: .*report_interval.*often.*\n$/],
    [['up', '--state-dir', join(folder, 's'), '--config-file', join(folder, 'none.conf')], /^micronova: .*none\.conf.*\n$/],
    [['rpc', 'call', 'compute', 'ping', '--url', 'rabbit://guest:secret@127.0.0.1:1/', '--timeout', '1'], /^micronova: [^\n]*\n$/],
  ]
  for (const [args, expected] of cases) {
    const { status, stderr } = await run(t, 'micronova', args)
    assert.equal(status, 1, `${args.join(' ')}: ${stderr}`)
    assert.match(stderr, expected)
    assert.doesNotMatch(stderr, /secret/)
  }
})
