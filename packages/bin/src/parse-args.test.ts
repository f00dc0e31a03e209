import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import * as compute from '@micronova/compute'
import * as conductor from '@micronova/conductor'
import { compareWithReference, defineOptions, memorySources, type OptionGroup, opt, UsageError } from '@micronova/config'
import * as db from '@micronova/db'
import * as log from '@micronova/log'
import * as messaging from '@micronova/messaging'
import * as service from '@micronova/service'
import { readFixtureJson } from '@micronova/testing'
import * as virt from '@micronova/virt'
import { micronovaRelease, novaRelease, type ParseArgsOptions, parseArgs } from './parse-args.js'

const ours = defineOptions('DEFAULT', {
  control_exchange: opt.string({ default: 'openstack' }),
  my_ip: opt.string({}),
  my_block_storage_ip: opt.string({ default: '$my_ip' }),
})
const cors = defineOptions('cors', { allow_methods: opt.list({}), allow_headers: opt.list({}), expose_headers: opt.list({}) })
const policy = defineOptions('oslo_policy', { policy_file: opt.string({ default: 'policy.json' }) })

type Options = ParseArgsOptions<unknown, unknown>

async function parse(text: string, argv: readonly string[] = [], more: Partial<Options> = {}) {
  const sources = memorySources({ '/etc/nova/nova.conf': text })
  const parsed = await parseArgs(argv, { program: 'nova-compute', groups: [ours, cors, policy], environment: {}, sources, ...more })
  assert.ok(parsed.kind === 'config')
  return parsed
}

interface Reference {
  readonly meta: { readonly nova: string; readonly nova_overrides_at_start: Readonly<Record<string, unknown>> }
  readonly groups: { readonly cors: Readonly<Record<string, { readonly default: unknown }>> }
}
const { meta, groups: reference } = readFixtureJson<Reference>('reference/config-options.json')

test('the libraries have the defaults that Nova gives them', async () => {
  const { config } = await parse('')
  const ofNova = meta.nova_overrides_at_start
  assert.equal(config.section(ours).control_exchange, ofNova.control_exchange)
  assert.deepEqual(config.section(log.logOptions).default_log_levels, ofNova.default_log_levels)
  assert.equal(config.section(policy).policy_file, ofNova['oslo_policy.policy_file'])
  for (const [name, value] of Object.entries(config.section(cors))) assert.deepEqual(value, reference.cors[name]!.default, name)
})

test('a file has precedence over them', async () => {
  const { config } = await parse('[DEFAULT]\ncontrol_exchange = mine\n[cors]\nallow_methods = GET\n')
  assert.equal(config.section(ours).control_exchange, 'mine')
  assert.deepEqual(config.section(cors).allow_methods, ['GET'])
})

test('host and my_ip are those of the machine unless they are set', async () => {
  const host = service.hostOptions('whatever')
  const { config } = await parse('')
  assert.equal(config.section(host).host, hostname())
  assert.match(config.section(ours).my_block_storage_ip, /^\d+\.\d+\.\d+\.\d+$/)
  const set = (await parse('[DEFAULT]\nhost = compute1\nmy_ip = 10.1.2.3\n')).config
  assert.equal(set.section(host).host, 'compute1')
  assert.equal(set.section(ours).my_block_storage_ip, '10.1.2.3')
})

test("the clients' own debug options ask for levels of their own", async () => {
  assert.deepEqual((await parse('')).extraLogLevels, [])
  const { extraLogLevels, config } = await parse('[glance]\ndebug = true\n[cinder]\ndebug = yes\n')
  assert.deepEqual(extraLogLevels, ['glanceclient=DEBUG', 'cinderclient=DEBUG', 'os_brick=DEBUG'])
  assert.deepEqual(config.unimplemented, [])
})

test('log options are there without being asked for, on the command line too', async () => {
  const { config } = await parse('', ['--debug', '--logfile=x.log'])
  assert.equal(config.section(log.logOptions).debug, true)
  assert.equal(config.section(log.logOptions).log_file, 'x.log')
})

test('RPC and then the database are set up, only if asked for and after everything was found right', async () => {
  const calls: string[] = []
  const more: Partial<Options> = {
    initRpc: async () => calls.push('rpc'),
    configureDb: (config) => calls.push(`db ${config.section(ours).control_exchange}`),
  }
  const { rpc, db: database } = await parse('', [], more)
  assert.deepEqual([calls, rpc, database], [['rpc', 'db nova'], 1, 2])
  await assert.rejects(parse('[glance]\ndebug = maybe\n', [], more))
  assert.equal(calls.length, 2)
  const without = await parse('')
  assert.deepEqual([without.rpc, without.db], [undefined, undefined])
})

test('default files given by the caller replace those of /etc', async () => {
  const sources = memorySources({ '/etc/nova/nova.conf': 'broken', '/mine.conf': '[DEFAULT]\nmy_ip = 1.2.3.4\n' })
  const { config } = await parse('', [], { sources, defaultConfigFiles: ['/mine.conf'] })
  assert.deepEqual(config.files, ['/mine.conf'])
})

test('what another program reads is not reported, what none reads is', async () => {
  const { warnings } = await parse('[database]\nconnection = mysql://x\n[conductor]\nworkers = 2\n[libvirt]\nvirt_type = kvm\n')
  assert.deepEqual(warnings, ['these options are set and not implemented yet: [libvirt] virt_type'])
})

test('wrong usage ends with status 2, a wrong value with 1', async () => {
  await assert.rejects(parse('', ['--nonsense']), (error) => error instanceof UsageError && error.exitStatus === 2)
  await assert.rejects(parse('[DEFAULT]\ndebug = maybe\n'), { exitStatus: 1 })
})

test('--version prints the release of Nova first, as upstream does, then our own', async () => {
  const parsed = await parseArgs(['--version'], { program: 'nova-compute', groups: [], environment: {} })
  assert.deepEqual(parsed, { kind: 'text', text: `${novaRelease}\nmicronova ${micronovaRelease}\n` })
  assert.equal(novaRelease, meta.nova)
})

test('--help has the switches of the log under a heading of their own', async () => {
  const parsed = await parseArgs(['-h'], {
    program: 'nova-compute',
    groups: [log.logOptions],
    environment: {},
    description: 'Runs instances.',
  })
  assert.ok(parsed.kind === 'text')
  assert.match(
    parsed.text,
    /^Usage: nova-compute \[OPTION\]\.\.\.\nRuns instances\.\n\nGeneral:\n.*\n\nLogging:\n {2}-d, --\[no\]debug {13}/s,
  )
  assert.equal(parsed.text.split('--log-file').length, 2)
})

/** Options that Nova had once, and that a configuration may still set. */
const withoutReference = [
  '[DEFAULT] compute_topic',
  '[DEFAULT] compute_manager',
  '[DEFAULT] conductor_manager',
  '[DEFAULT] scheduler_manager',
  '[DEFAULT] monkey_patch',
  '[DEFAULT] monkey_patch_modules',
]

function isGroup(value: unknown): value is OptionGroup {
  return typeof value === 'object' && value !== null && 'group' in value && 'options' in value
}

test('every option that a package declares is as Nova has it, but for its help', () => {
  const faces: readonly object[] = [compute, conductor, db, log, messaging, service, virt]
  const groups = faces.flatMap((face) => Object.values(face).flat().filter(isGroup))
  assert.ok(groups.length >= 4)
  assert.deepEqual(compareWithReference([...groups, service.hostOptions('')].map(withoutMachine), withoutReference), [])
})

/** `host` has the machine's name as its default, which Nova's table leaves open. */
function withoutMachine({ group, options }: OptionGroup): OptionGroup {
  const { host } = options
  return host === undefined ? { group, options } : { group, options: { ...options, host: { ...host, default: null } } }
}
