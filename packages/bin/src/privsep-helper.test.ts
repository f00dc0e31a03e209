// The helper as it is installed: launcher, setpriv, bundle. Needs `npm run build` before it, as every test of a program does.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@micronova/lifecycle'
import { RecordingLogger } from '@micronova/log'
import { PrivsepError, PrivsepHelper, type PrivsepSettings } from '@micronova/privsep'
import { machineSkip } from '@micronova/testing'
import { ovsContext } from '@micronova/vif/privileged'

const program = fileURLToPath(new URL('../../../../bin/micronova-privsep-helper', import.meta.url))

function open(t: { after(fn: () => Promise<void>): void }, settings: Partial<PrivsepSettings> = {}, context = ovsContext) {
  const log = new RecordingLogger()
  const helper = new PrivsepHelper({ log, getLogger: () => log, clock: systemClock }, context, {
    settings: { user: null, group: null, capabilities: [], helper_command: null, thread_pool_size: null, logger_name: 'x', ...settings },
    defaults: { program, rootHelper: [] },
  })
  t.after(() => helper.stop(AbortSignal.timeout(1000)))
  const status = async () => {
    const [, pid] = /running as pid (\d+)/.exec((await log.seen(/running as pid/)).message) ?? []
    const text = readFileSync(`/proc/${pid}/status`, 'utf8')
    return (field: string) => new RegExp(`^${field}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]
  }
  return { helper, privileged: helper.privileged, status }
}

test('as root it keeps the capability of its context alone, and can never get others', { skip: machineSkip('root') }, async (t) => {
  const { privileged, status } = open(t)
  assert.equal(await privileged.links.exists({ device: 'lo' }), true)
  assert.equal(await privileged.links.exists({ device: 'nothere' }), false)
  const of = await status()
  for (const set of ['CapEff', 'CapPrm', 'CapBnd']) assert.equal(of(set), '0000000000001000', set) // CAP_NET_ADMIN is 12
  assert.equal(of('NoNewPrivs'), '1')
  assert.match(of('Uid') ?? '', /^0\s/)
})

test('it runs as the user and group that its section names, with its capability', { skip: machineSkip('root') }, async (t) => {
  const { privileged, status } = open(t, { user: 'nobody', group: 'nogroup' })
  assert.equal(await privileged.links.exists({ device: 'lo' }), true)
  const of = await status()
  assert.match(of('Uid') ?? '', /^65534\s/)
  assert.match(of('Gid') ?? '', /^65534\s/)
  assert.equal(of('Groups'), '')
  for (const set of ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb']) assert.equal(of(set), '0000000000001000', set)
})

test('a section may name other capabilities, by name or number', { skip: machineSkip('root') }, async (t) => {
  const { privileged, status } = open(t, { capabilities: ['CAP_NET_ADMIN', '21'] })
  await privileged.links.exists({ device: 'lo' })
  assert.equal((await status())('CapEff'), '0000000000201000')
})

for (const [what, change] of [
  ['a context that nobody declared', { name: 'vif_plug_ovs.privsep.other' }],
  ['a name of a context that is an option of setpriv', { name: '--bounding-set' }],
] as const)
  test(`it does not start for ${what}`, { skip: machineSkip('root') }, async (t) => {
    const { privileged } = open(t, {}, { ...ovsContext, ...change })
    await assert.rejects(privileged.links.exists({ device: 'lo' }), (err) => {
      assert.ok(err instanceof PrivsepError && err.code === 'start_failed')
      assert.match(err.message, /there is no privsep context/)
      return true
    })
  })

test('names that are paths or options do not reach a command', { skip: machineSkip('root') }, async (t) => {
  const { privileged } = open(t)
  for (const device of ['../../etc', '-batch', 'a b', 'all', 'default', '.', '..', 'a/b', 'a\n', '', 'x'.repeat(16)])
    await assert.rejects(privileged.links.remove({ device }), (err) => err instanceof PrivsepError && err.code === 'refused', device)
  const bridge = { bridge: 'br-int', datapathType: 'netdev', timeoutSeconds: 1 } as const
  for (const connection of ['unix:/run/../etc x', 'exec:sh', '--db=tcp:1', 'tcp:127.0.0.1:6640 -- del-br br0'])
    await assert.rejects(
      privileged.ovsdb.ensureBridge({ ...bridge, connection }),
      (err) => err instanceof PrivsepError && err.code === 'refused',
      connection,
    )
})

test('started by hand it says that a service starts it', { skip: machineSkip('root') }, () => {
  const args = ['--privsep_context', ovsContext.name, '--privsep_capabilities', 'CAP_NET_ADMIN']
  const { status, stderr } = spawnSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })
  assert.equal(status, 1)
  assert.equal(stderr, 'micronova-privsep-helper: standard input and output are no channel to a service, which alone starts this program\n')
})
