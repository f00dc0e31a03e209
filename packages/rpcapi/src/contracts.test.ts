import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallOptions, RpcClient } from '@micronova/messaging'
import { NovaError, type RequestContext } from '@micronova/model'
import { readFixtureJson } from '@micronova/testing'
import { camelCase, type MethodContract, type RpcContract } from './contract.js'
import { baseContract } from './contracts/base.js'
import { computeContract } from './contracts/compute.js'
import { computeTaskContract } from './contracts/compute-task.js'
import { conductorContract } from './contracts/conductor.js'
import { schedulerContract } from './contracts/scheduler.js'
import { RpcapiError } from './errors.js'
import { chooseForm, createStubs } from './stubs.js'

/** What the Python client does for one call, in the words of the reference tables. */
interface Send {
  readonly rpc_method?: string
  readonly kind?: 'call' | 'cast'
  readonly sent_version?: string
  readonly within_cap?: boolean
  readonly args?: readonly string[]
  readonly server?: string
  readonly fanout?: boolean
  readonly timeout?: number
  readonly call_monitor_timeout?: number
  readonly raises?: string
}
/** ... with which arguments of the client, and under which version caps. */
interface SendRow extends Send {
  readonly with?: Readonly<Record<string, boolean>>
  readonly with_version_cap: readonly (string | null)[]
}
type ClientTable = Readonly<Record<string, readonly SendRow[]>>
type Arguments = Readonly<Record<string, unknown>>

const ctx = {} as RequestContext

/** Does a client with this cap send that version? Written here once more: the table is about oslo.messaging's rule. */
function allows(cap: string | null, version: string): boolean {
  if (cap === null) return true
  const [major, minor] = version.split('.').map(Number) as [number, number]
  const [capMajor, capMinor] = cap.split('.').map(Number) as [number, number]
  return major === capMajor && minor <= capMinor
}

class RecordingClient implements RpcClient<RequestContext> {
  readonly #cap: string | null
  readonly #options: CallOptions
  readonly sent: Send[]

  constructor(cap: string | null, options: CallOptions = {}, sent: Send[] = []) {
    this.#cap = cap
    this.#options = options
    this.sent = sent
  }
  prepare(options: CallOptions): RpcClient<RequestContext> {
    return new RecordingClient(this.#cap, options, this.sent)
  }
  canSendVersion(version = ''): boolean {
    return allows(this.#cap, version)
  }
  async call<R>(_ctx: RequestContext, method: string, args: Arguments): Promise<R> {
    this.#record('call', method, args)
    return undefined as R
  }
  async cast(_ctx: RequestContext, method: string, args: Arguments): Promise<void> {
    this.#record('cast', method, args)
  }
  #record(kind: 'call' | 'cast', method: string, args: Arguments): void {
    const { version = '', server, fanout, timeoutSeconds, callMonitorTimeoutSeconds } = this.#options
    this.sent.push({
      rpc_method: method,
      kind,
      sent_version: version,
      within_cap: allows(this.#cap, version),
      args: Object.keys(args).sort(),
      ...(server === undefined ? {} : { server }),
      ...(fanout === undefined ? {} : { fanout }),
      ...(timeoutSeconds === undefined ? {} : { timeout: timeoutSeconds }),
      ...(callMonitorTimeoutSeconds === undefined ? {} : { call_monitor_timeout: callMonitorTimeoutSeconds }),
    })
  }
}

/** A value for each argument that must be given; those in `given` as they are. */
function sampleArguments(method: MethodContract, host: string, given: Arguments): Arguments {
  const instance = { uuid: 'an-instance', host: '<instance.host>' }
  const migration = { source_compute: '<migration.source_compute>', dest_compute: '<migration.dest_compute>' }
  const samples: Arguments = { instance, instances: [instance], migration }
  const required = Object.entries(method.args).filter(([, argument]) => argument.required)
  const all = [...required.map(([name]) => [name, samples[name] ?? 'a value']), ...Object.entries(given)]
  return { host, ...Object.fromEntries(all.map(([name, value]) => [camelCase(String(name)), value])) }
}

/** What our stub does; for a form that is known and never sent, what the contract says of it. */
async function observe(contract: RpcContract, name: string, cap: string | null, host: string, given: Arguments): Promise<Send> {
  const client = new RecordingClient(cap)
  const method = contract.methods[name]!
  const stub = createStubs(contract, client)[camelCase(name)] as unknown as (ctx: RequestContext, args: Arguments) => Promise<unknown>
  try {
    await stub(ctx, sampleArguments(method, host, given))
  } catch (err) {
    if (err instanceof NovaError) return { raises: err.kind }
    if (!(err instanceof RpcapiError && err.code === 'legacy_form')) throw err
    return legacyForm(contract, name, cap, host, given)
  }
  assert.equal(client.sent.length, 1)
  return client.sent[0]!
}

/** The same method with its last form made a plain one: everything but the values is as it would be sent. */
function legacyForm(contract: RpcContract, name: string, cap: string | null, host: string, given: Arguments): Promise<Send> {
  const method = contract.methods[name]!
  const form = chooseForm(method, (version) => allows(cap, version))!
  const plain = { version: form.version, omit: form.omit?.filter((omitted) => !form.legacyArguments?.includes(omitted)) ?? [] }
  const legacy = Object.fromEntries((form.legacyArguments ?? []).map((argument) => [argument, { required: false, default: null }]))
  const args = { ...method.args, ...legacy }
  const spoken = { ...method, args, forms: [{ ...plain, ...(form.rename ? { rename: form.rename } : {}) }] }
  return observe({ ...contract, methods: { [name]: spoken } }, name, cap, host, given)
}

async function assertSendsAlike(contract: RpcContract, table: ClientTable): Promise<void> {
  assert.deepEqual(Object.keys(contract.methods).sort(), Object.keys(table).sort())
  for (const [name, rows] of Object.entries(table)) {
    for (const { with: given = {}, with_version_cap: caps, ...expected } of rows) {
      for (const cap of caps) {
        const host = expected.server?.startsWith('<arg') ? expected.server : ''
        assert.deepEqual(await observe(contract, name, cap, host, given), expected, `${name} with cap ${cap} and ${JSON.stringify(given)}`)
      }
    }
  }
}

function sendsOf(client: Readonly<Record<string, { readonly sends: readonly SendRow[] }>>, ...except: readonly string[]): ClientTable {
  const methods = Object.entries(client).filter(([name]) => !except.includes(name))
  return Object.fromEntries(methods.map(([name, { sends }]) => [name, sends]))
}

test('each of the 72 compute methods goes out under each version cap as the Python client sends it', async () => {
  const { client } = readFixtureJson<{ client: Parameters<typeof sendsOf>[0] }>('reference/rpc-compute.json')
  const table = sendsOf(client, 'supports_numa_live_migration') // asks the cap, sends nothing
  assert.equal(Object.keys(table).length, 72)
  await assertSendsAlike(computeContract, table)
})

test('each method of the compute task API goes out under each version cap as the Python client sends it', async () => {
  const { ComputeTaskAPI } = readFixtureJson<{ ComputeTaskAPI: { client: Parameters<typeof sendsOf>[0] } }>('reference/rpc-conductor.json')
  await assertSendsAlike(computeTaskContract, sendsOf(ComputeTaskAPI.client))
})

test('each method of the conductor goes out as the Python client sends it', async () => {
  const { ConductorAPI } = readFixtureJson<{ ConductorAPI: { client: Parameters<typeof sendsOf>[0] } }>('reference/rpc-conductor.json')
  await assertSendsAlike(conductorContract, sendsOf(ConductorAPI.client, 'object_class_action')) // sends object_class_action_versions
})

test('each method of the scheduler goes out under each version cap as the Python client sends it', async () => {
  const { client } = readFixtureJson<{ client: Parameters<typeof sendsOf>[0] }>('reference/rpc-scheduler.json')
  await assertSendsAlike(schedulerContract, sendsOf(client))
})

test('the methods of every service go out as the Python client sends them', async () => {
  const { client } = readFixtureJson<{ client: Record<string, SendRow[]> }>('reference/base-rpc.json')
  const [ping, ...others] = client.ping!
  const { timeout: _notGiven, ...sent } = ping!
  await assertSendsAlike(baseContract('conductor'), { ...client, ping: [sent, ...others] })
})

test('the release names of [upgrade_levels] are those of the Python clients', () => {
  const compute = readFixtureJson<{ meta: { version_aliases: unknown } }>('reference/rpc-compute.json').meta.version_aliases
  const { ConductorAPI } = readFixtureJson<{ ConductorAPI: { version_aliases: unknown } }>('reference/rpc-conductor.json')
  const scheduler = readFixtureJson<{ version_aliases: unknown }>('reference/rpc-scheduler.json').version_aliases
  assert.deepEqual(
    [computeContract.aliases, conductorContract.aliases, schedulerContract.aliases],
    [compute, ConductorAPI.version_aliases, scheduler],
  )
})
