import { readFixtureLines } from '@micronova/testing'
import type { StoreCall } from './recording-stores.js'

/** A message to the conductor or the schedulers, reduced to what does not differ from one run to the next. */
export interface PeerCall {
  /** In the words of the wire: `Instance.save`, `cast build_instances`. */
  readonly call: string
  /** Columns of an instance that were changed, and what is expected of the stored ones. */
  readonly [detail: string]: unknown
}

/** What the resource tracker asks (it has tests of its own), and what upstream asks for the sake of notifications. */
const leftOut = new Set([
  'ComputeNode.save',
  'Service.get_by_compute_host',
  'ResourceList.get_by_instance_uuid',
  'Instance.get_by_uuid',
  // Parts of an instance that upstream loads one by one when it meets them.
  'InstanceNUMATopology.get_by_instance_uuid',
  'InstancePCIRequests.get_by_instance_uuid',
  'MigrationContext.get_by_instance_uuid',
  'PciDeviceList.get_by_instance_uuid',
  'TrustedCerts.get_by_instance_uuid',
])

const stateColumns = ['vm_state', 'task_state', 'power_state', 'host', 'node', 'launched_on', 'availability_zone', 'root_device_name']
const sizeColumns = ['instance_type_id', 'memory_mb', 'vcpus', 'root_gb', 'ephemeral_gb']
const timeColumns = ['launched_at', 'terminated_at']

interface WireMessage {
  readonly method?: string
  readonly args: Readonly<Record<string, unknown>>
  readonly _context_request_id?: string
}
interface WireObject {
  readonly 'nova_object.name': string
  readonly 'nova_object.data': Readonly<Record<string, unknown>>
  readonly 'nova_object.changes'?: readonly string[]
}

/**
 * What a Python nova-compute sent on behalf of the request that called `method`, in order.
 *
 * @param nth which of several such requests of the recording, from 0
 */
export function recordedCalls(fixture: string, method: string, nth = 0): PeerCall[] {
  const messages = readFixtureLines(fixture).map((line) => JSON.parse(line) as { sender: string; message: WireMessage })
  const request = messages.filter(({ message }) => message.method === method)[nth]
  if (request === undefined) throw new Error(`${fixture} has no ${method} number ${nth}`)
  const requestId = request.message._context_request_id
  const sent = messages.filter(
    ({ sender, message }) => sender === 'nova-compute' && message.method && message._context_request_id === requestId,
  )
  const metadata = metadataDiff((request.message.args.instance as WireObject)['nova_object.data'].system_metadata)
  const calls = sent.map(({ message }) => wireCall(message, metadata))
  return withoutClaimQuestion(calls.filter(({ call }) => !leftOut.has(call)))
}

/** Of those, what was sent between the beginning and the end of the event of `method` itself. */
export function recordedCallsWithin(fixture: string, method: string, nth = 0): PeerCall[] {
  const calls = recordedCalls(fixture, method, nth)
  const isOwn = ({ event }: PeerCall) => event === `compute_${method}`
  return calls.slice(calls.findIndex(isOwn), calls.findLastIndex(isOwn) + 1)
}

/** After the claim the tracker asks whether the instance boots from a volume. */
function withoutClaimQuestion(calls: readonly PeerCall[]): PeerCall[] {
  return calls.filter(({ call }, i) => !(call === 'BlockDeviceMappingList.get_by_instance_uuid' && calls[i - 1]?.node !== undefined))
}

function wireCall({ method, args }: WireMessage, metadata: MetadataDiff): PeerCall {
  if (method === 'object_class_action_versions') {
    const {
      objname,
      objmethod,
      args: positional,
      kwargs,
    } = args as { objname: string; objmethod: string; args: unknown[]; kwargs: Record<string, unknown> }
    return described(`${objname}.${objmethod}`, {}, { event: positional[1], failed: kwargs.exc_val !== null }, metadata)
  }
  if (method !== 'object_action') return { call: `cast ${method}` }
  const { objinst, objmethod, kwargs } = args as { objinst: WireObject; objmethod: string; kwargs: Record<string, unknown> }
  const data = objinst['nova_object.data']
  const changes = Object.fromEntries((objinst['nova_object.changes'] ?? []).map((name) => [name, data[name]]))
  return described(`${objinst['nova_object.name']}.${objmethod}`, changes, { expected: kwargs.expected_task_state }, metadata)
}

const wireNames: Readonly<Record<string, string>> = {
  'actions.startEvent': 'InstanceActionEvent.event_start',
  'actions.finishEvent': 'InstanceActionEvent.event_finish_with_failure',
  'instances.save': 'Instance.save',
  'instances.destroy': 'Instance.destroy',
  'instances.load': 'Instance.get_by_uuid',
  'instances.getByUuid': 'Instance.get_by_uuid',
  'instances.dropMigrationContext': 'Instance.drop_migration_context',
  'migrations.save': 'Migration.save',
  'infoCaches.refresh': 'InstanceInfoCache.refresh',
  'infoCaches.save': 'InstanceInfoCache.save',
  'virtualInterfaces.create': 'VirtualInterface.create',
  'virtualInterfaces.destroy': 'VirtualInterface.destroy',
  'virtualInterfaces.listByInstanceUuid': 'VirtualInterfaceList.get_by_instance_uuid',
  'virtualInterfaces.deleteByInstanceUuid': 'VirtualInterface.delete_by_instance_uuid',
  'blockDeviceMappings.save': 'BlockDeviceMapping.save',
  'blockDeviceMappings.listByInstanceUuid': 'BlockDeviceMappingList.get_by_instance_uuid',
  'faults.create': 'InstanceFault.create',
  'consoleAuthTokens.authorize': 'ConsoleAuthToken.authorize',
  'consoleAuthTokens.cleanForInstance': 'ConsoleAuthToken.clean_console_auths_for_instance',
}

/** The same of what our code asked its stores and sent to its peers. `instance` is as the message brought it. */
export function ownCalls(calls: readonly StoreCall[], systemMetadata: unknown): PeerCall[] {
  const metadata = metadataDiff(systemMetadata)
  return calls.flatMap(({ method, changes, args }) => {
    if (method.startsWith('tracker.')) return []
    if (method.startsWith('cast ')) return [{ call: method }]
    const name = wireNames[method] ?? method
    if (leftOut.has(name)) return []
    const options = args[0] as { expectedTaskState?: unknown } | undefined
    const failed = method === 'actions.finishEvent' && args[2] !== undefined
    return [described(name, changes, { event: args[1], expected: options?.expectedTaskState, failed }, metadata)]
  })
}

interface Details {
  readonly event?: unknown
  readonly expected?: unknown
  readonly failed?: boolean
}

function described(
  call: string,
  changes: Readonly<Record<string, unknown>>,
  { event, expected, failed }: Details,
  metadata: MetadataDiff,
): PeerCall {
  if (call === 'InstanceActionEvent.event_start') return { call, event }
  if (call === 'InstanceActionEvent.event_finish_with_failure') return { call, event, failed }
  if (call === 'InstanceFault.create') return { call, code: changes.code, message: withoutUuids(String(changes.message)) }
  if (call === 'BlockDeviceMapping.save' || call === 'Migration.save') return { call, ...changes }
  if (call === 'VirtualInterface.create') return { call, fields: Object.keys(changes).sort() }
  if (call === 'InstanceInfoCache.save') return { call, interfaces: JSON.parse(String(changes.network_info)).length }
  if (call !== 'Instance.save') return { call }
  const states = [...stateColumns, ...sizeColumns].filter((name) => name in changes).map((name) => [name, changes[name]])
  const times = timeColumns.filter((name) => changes[name]).map((name) => [name, 'now'])
  const added = metadata(changes.system_metadata)
  return {
    call,
    ...Object.fromEntries([...states, ...times]),
    ...(expected === undefined || expected === null ? {} : { expected: [expected].flat() }),
    ...(added === null ? {} : { system_metadata: added }),
  }
}

type MetadataDiff = (value: unknown) => Readonly<Record<string, unknown>> | null

/** Upstream sends system metadata also where it has not changed; what counts is what has. Null: removed key. */
function metadataDiff(initial: unknown): MetadataDiff {
  let before = { ...(initial as Record<string, unknown>) }
  return (value) => {
    if (value === undefined) return null
    const now = value as Record<string, unknown>
    const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((key) => before[key] !== now[key])
    before = { ...now }
    return keys.length === 0
      ? null
      : Object.fromEntries(keys.map((key) => [key, key.endsWith('_at') && now[key] ? 'now' : (now[key] ?? null)]))
  }
}

function withoutUuids(text: string): string {
  return text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
}
