import assert from 'node:assert/strict'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import { Cell } from '../e2e/support/cell.js'
import { servicesSkip } from '../e2e/support/services.js'
import { run, start } from './run.js'

interface Report {
  readonly failed: boolean
  readonly checks: readonly { readonly name: string; readonly status: string; readonly found: string; readonly mend: string | null }[]
}

function statuses(stdout: string): Record<string, string> {
  const { checks } = JSON.parse(stdout) as Report
  return Object.fromEntries(checks.map(({ name, status }) => [name, status]))
}

test('a nova-compute whose peers are all there is told to be fine', { skip: servicesSkip }, async (t) => {
  const cell = await Cell.create(t)
  await cell.start('nova-conductor')
  const file = cell.configFile({ DEFAULT: { state_path: join(cell.folder, 'state') }, glance: { api_servers: null } })
  const { status, stdout, stderr } = await run(t, 'micronova', ['doctor', '--service', 'nova-compute', '--config-file', file, '--json'])
  const found = statuses(stdout)
  for (const name of ['node', 'state_path', 'journal', 'log_dir', 'tempdir', 'transport_url', 'conductor', 'hypervisor'])
    assert.ok(found[name] === 'ok' || (found[name] === 'warning' && /dir|path|journal/.test(name)), `${name}: ${stdout}`)
  assert.equal(found['database'], 'skipped')
  assert.equal(found['placement'], 'skipped')
  assert.equal(status, JSON.parse(stdout).failed ? 1 : 0, stderr)
})

test('nova-conductor is told of its database, and waits for no other conductor', { skip: servicesSkip }, async (t) => {
  const cell = await Cell.create(t)
  const file = cell.configFile({ glance: { api_servers: null }, service_user: { send_service_user_token: false } })
  const { status, stdout } = await run(t, 'micronova', ['doctor', '--service', 'nova-conductor', '--config-file', file, '--json'])
  const found = statuses(stdout)
  assert.deepEqual(
    [found['database'], found['api_database'], found['transport_url'], found['conductor']],
    ['ok', 'skipped', 'ok', 'skipped'],
  )
  assert.equal(found['hypervisor'], undefined)
  assert.equal(status, 0, stdout)
})

test('each thing that is wrong fails by its name, with what to do, and the status is 1', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'nova.conf')
  writeFileSync(join(folder, 'file'), '')
  writeFileSync(
    file,
    `[DEFAULT]
state_path = ${folder}/file
log_dir = ${folder}/missing
report_interval = x
transport_url = rabbit://nova:geheim@127.0.0.1:9/
[database]
connection = mysql://nova:geheim@127.0.0.1:9/nova
`,
  )
  const args = ['doctor', '--config-file', file, '--timeout', '3']
  const json = await run(t, 'micronova', [...args, '--json'])
  const found = statuses(json.stdout)
  for (const name of ['configuration', 'state_path', 'journal', 'log_dir', 'transport_url', 'database', 'conductor'])
    assert.equal(found[name], 'failed', `${name}: ${json.stdout}`)
  const { checks } = JSON.parse(json.stdout) as Report
  for (const { status, mend } of checks) assert.equal(mend !== null, status === 'failed' || status === 'warning')
  assert.equal(json.status, 1)
  assert.match(json.stderr, /^micronova: failed: .*transport_url/)
  assert.doesNotMatch(json.stdout + json.stderr, /geheim/)
  assert.deepEqual(readdirSync(folder).sort(), ['file', 'nova.conf'])
})

test('the all-in-one is examined in its state folder, running and stopped', async (t) => {
  const folder = join(temporaryFolder(t), 'state')
  const up = start(t, 'micronova', ['up', '--state-dir', folder])
  await up.printed(/ready after/)
  const args = ['doctor', '--state-dir', folder, '--json']
  const running = await run(t, 'micronova', args)
  const found = statuses(running.stdout)
  for (const name of ['cloud', 'conductor', 'compute', 'database']) assert.equal(found[name], 'ok', running.stdout)
  assert.equal(running.status, 0, running.stderr)
  up.child.kill('SIGTERM')
  await up.exit()
  const stopped = await run(t, 'micronova', args)
  assert.equal(statuses(stopped.stdout)['cloud'], 'warning')
  assert.equal(stopped.status, 0, stopped.stderr)
})

test('a cloud that was killed is told, and nothing else is asked of it', async (t) => {
  const folder = join(temporaryFolder(t), 'state')
  const up = start(t, 'micronova', ['up', '--state-dir', folder])
  await up.printed(/ready after/)
  up.child.kill('SIGKILL')
  await up.exit()
  const { status, stdout } = await run(t, 'micronova', ['doctor', '--state-dir', folder, '--json'])
  const found = statuses(stdout)
  assert.deepEqual([found['cloud'], found['conductor'], found['compute']], ['failed', 'skipped', 'skipped'], stdout)
  assert.match(stdout, /start it: micronova up/)
  assert.equal(status, 1)
})

test('wrong usage ends with 2', async (t) => {
  for (const flags of [['--service', 'nova-x'], ['--timeout', '0'], ['--state-dir', '/x', '--config-file', '/y'], ['--nonesuch']])
    assert.equal((await run(t, 'micronova', ['doctor', ...flags])).status, 2, flags.join(' '))
})

test('micronova config check ends with 0, 1 and 2, and sample with what can be read back', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'nova.conf')
  const sample = await run(t, 'micronova', ['config', 'sample', '--service', 'nova-compute', '--output-file', file])
  assert.equal(sample.status, 0, sample.stderr)
  const args = ['config', 'check', '--config-file', file, '--service']
  assert.equal((await run(t, 'micronova', [...args, 'all'])).status, 0)
  const compute = await run(t, 'micronova', [...args, 'nova-compute'])
  assert.equal(compute.status, 1)
  assert.match(compute.stdout, /error: the option compute_driver of the group DEFAULT is required and not set/)
  assert.equal((await run(t, 'micronova', [...args, 'nova-x'])).status, 2)
})
