// Nova 26.2.2, wire/10-notifications.jsonl: what our payloads are, for the same instance at the same point of its life.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Logger, nullLogger } from '@micronova/log'
import {
  contextFromDict,
  type Instance,
  novaError,
  novaRegistry,
  type RequestContext,
  type RequestSpec,
  Service,
  TagList,
} from '@micronova/model'
import { FakeClock, readFixtureLines } from '@micronova/testing'
import {
  ComputeTaskNotifications,
  InstanceNotifications,
  SchedulerNotifications,
  ServiceNotifications,
  StateUpdates,
} from '../../src/index.js'
import { recordingEmitter, type Told } from '../support/recording-emitter.js'

type Dict = Record<string, unknown>
interface Recorded {
  readonly sender: string
  readonly routing_key: string
  readonly message: Dict
}

const lines = readFixtureLines('wire/10-notifications.jsonl').map((line) => JSON.parse(line) as Recorded)
const registry = novaRegistry()
/** Whatever could not be told would be logged. */
const failingLog = Object.assign(Object.create(nullLogger), {
  warning: (message: string, { err }: { err?: unknown }) => assert.fail(`${message}: ${err instanceof Error ? err.stack : err}`),
}) as Logger

const common = {
  clock: new FakeClock(Date.UTC(2026, 10, 22, 12, 6, 30)),
  log: failingLog,
  load: () => assert.fail('the instance has all that is told'),
  blockDevices: () => assert.fail('volumes are not read'),
}
const compute = { host: 'compute1', readsVolumes: false, auditPeriod: 'month', imageEndpoint: () => 'http://127.0.0.1:9292' }

/** The request of nova-api that made a compute act, and what it told first. */
for (const [method, action] of [
  ['stop_instance', 'power_off'],
  ['start_instance', 'power_on'],
] as const) {
  test(`${action}.start is told of ${method} as Nova tells it, in both forms`, async () => {
    const request = lines.find(({ message, routing_key: key }) => message.method === method && key === 'compute.compute1')
    assert.ok(request)
    const ctx = contextOf(request)
    const instance = instanceOf((request.message.args as Dict).instance)
    const { emitter, told } = recordingEmitter()
    const notifications = new InstanceNotifications({ ...common, emitter, load: completing(instance) }, compute)
    await notifications.action(ctx, instance, action, 'start')
    for (const event of [`compute.instance.${action}.start`, `instance.${action}.start`]) assertToldAsRecorded(told, event)
  })
}

test('the changes that a compute saves are told by the conductor as Nova tells them, in both forms', async () => {
  const saves = lines.filter(({ message }) => isInstanceSave(message))
  const recorded = ['compute.instance.update', 'instance.update'].map((event) =>
    recordedOf(event).filter(
      ({ sender, message }) => sender === 'nova-conductor' && /compute[.:]controller1$/.test(String(message.publisher_id)),
    ),
  )
  const [legacy = [], versioned = []] = recorded
  assert.equal(legacy.length, 15)
  const options = {
    host: 'controller1',
    states: 'vm_and_task_state',
    auditPeriod: 'month',
    imageEndpoint: () => 'http://127.0.0.1:9292',
  } as const
  let compared = 0
  for (const [index, { message }] of legacy.entries()) {
    const { old_state: vmState, old_task_state: taskState, state, new_task_state } = message.payload as Record<string, string | null>
    const save = saves.find(({ message: { args } }) => {
      const { vm_state, task_state } = dataOf((args as Dict).objinst)
      return vm_state === state && task_state === new_task_state
    })
    if (save === undefined) continue
    const instance = instanceOf((save.message.args as Dict).objinst)
    const { emitter, told } = recordingEmitter()
    const updates = new StateUpdates({ ...common, emitter, load: completing(instance) }, options)
    await updates.saved(contextOf(save), instance, { vmState, taskState })
    assert.deepEqual(states(told[0]?.payload), states(message.payload))
    assert.deepEqual(shape(told[0]?.payload), shape(message.payload))
    assert.deepEqual([told[0]?.key, told[0]?.publisher], ['notifications.info', 'compute.controller1'])
    const theirs = versioned[index]?.message.payload
    assert.deepEqual(shape(told[1]?.payload), shape(theirs))
    assert.deepEqual(dataOf(dataOf(told[1]?.payload).state_update), dataOf(dataOf(theirs).state_update))
    assert.deepEqual([told[1]?.key, told[1]?.publisher], ['versioned_notifications.info', 'nova-compute:controller1'])
    compared++
  }
  assert.ok(compared >= 10, `${compared}`)
})

test('an exception is told under the name of the method, without passwords', async () => {
  const { emitter, told } = recordingEmitter()
  const notifications = new InstanceNotifications({ ...common, emitter }, compute)
  const failure = Object.assign(new Error(''), { className: 'NotImplementedError' })
  await notifications.exception(contextFromDict({}), 'get_host_uptime', { new_pass: 'secret' }, failure)
  const recorded = recordedOf('get_host_uptime')[0]?.message.payload
  assert.deepEqual(told[0], { key: 'notifications.error', publisher: 'compute.compute1', event: 'get_host_uptime', payload: recorded })
  assert.equal(told[1]?.event, 'compute.exception')
  assert.deepEqual(shape(told[1]?.payload), shape(recordedOf('compute.exception')[0]?.message.payload))
})

for (const [format, expected] of [
  ['versioned', ['instance.pause.start']],
  ['unversioned', ['compute.instance.pause.start']],
] as const) {
  test(`with notification_format ${format} one form is sent`, async () => {
    const { emitter, told } = recordingEmitter({ format })
    const instance = anyInstance()
    const notifications = new InstanceNotifications({ ...common, emitter, load: completing(instance) }, compute)
    await notifications.action(contextFromDict({}), instance, 'pause', 'start')
    assert.deepEqual(
      told.map(({ event }) => event),
      expected,
    )
  })
}

test('a rebuild that is scheduled is told by the conductor in both forms, a change of addresses in the older one alone', async () => {
  const { emitter, told } = recordingEmitter()
  const instance = anyInstance()
  const deps = { ...common, emitter, load: completing(instance) }
  const notifications = new InstanceNotifications(deps, { ...compute, host: 'controller1', source: 'nova-conductor' })
  await notifications.rebuildScheduled(contextFromDict({}), instance)
  await notifications.fixedIp(contextFromDict({}), instance, 'create_ip', 'start')
  assert.deepEqual(
    told.map(({ event, publisher }) => [event, publisher]),
    [
      ['compute.instance.rebuild.scheduled', 'compute.controller1'],
      ['instance.rebuild_scheduled', 'nova-conductor:controller1'],
      ['compute.instance.create_ip.start', 'compute.controller1'],
    ],
  )
})

test('without a driver nothing is read or sent', async () => {
  for (const drivers of [[], ['noop']] as const) {
    const { emitter, told } = recordingEmitter({ drivers })
    const notifications = new InstanceNotifications({ ...common, emitter }, { ...compute, readsVolumes: true })
    await notifications.action(contextFromDict({}), anyInstance(), 'pause', 'start')
    await notifications.exception(contextFromDict({}), 'pause_instance', {}, new Error('no'))
    assert.deepEqual(told, [])
  }
})

test('a notification that cannot be made harms nobody', async () => {
  const { emitter, told } = recordingEmitter()
  const load = async () => {
    throw new Error('no conductor')
  }
  const notifications = new InstanceNotifications({ ...common, log: nullLogger, emitter, load }, compute)
  await notifications.action(contextFromDict({}), anyInstance(), 'pause', 'start')
  assert.deepEqual(told, [])
})

function anyInstance(): Instance {
  const request = lines.find(({ message }) => message.method === 'stop_instance')
  assert.ok(request)
  return instanceOf((request.message.args as Dict).instance)
}

function isInstanceSave({ method, args }: Dict): boolean {
  const { objmethod, objinst } = (args ?? {}) as Dict
  return method === 'object_action' && objmethod === 'save' && (objinst as Dict)?.['nova_object.name'] === 'Instance'
}

/** An object of a recording; what it lacks to be told is given as the recorded services had it. */
function instanceOf(primitive: unknown): Instance {
  return registry.fromPrimitive(primitive as never) as Instance
}

/** Stands for the conductor: what the sender of the recorded message had left out. */
function completing(instance: Instance) {
  return async (_: RequestContext, loaded: Instance) => {
    assert.equal(loaded, instance)
    const stored = {
      metadata: {},
      system_metadata: recordedSystemMetadata(),
      tags: new TagList({ objects: [] }),
      flavor: recordedFlavor(),
    } as const
    for (const field of ['metadata', 'system_metadata', 'tags', 'flavor'] as const)
      if (!loaded.objIsSet(field)) loaded.objSet(field, stored[field])
  }
}

function recordedFlavor(): Instance['flavor'] {
  const build = lines.find(({ message }) => message.method === 'build_and_run_instance')
  assert.ok(build)
  return instanceOf((build.message.args as Dict).instance).flavor
}

function recordedSystemMetadata(): Dict {
  const [recorded] = recordedOf('compute.instance.power_off.start')
  assert.ok(recorded)
  const { image_meta: meta } = recorded.message.payload as { image_meta: Dict }
  return Object.fromEntries(Object.entries(meta).map(([key, value]) => [`image_${key}`, value]))
}

function contextOf({ message }: Recorded): RequestContext {
  const prefix = '_context_'
  const own = Object.entries(message).filter(([key]) => key.startsWith(prefix))
  return contextFromDict(Object.fromEntries(own.map(([key, value]) => [key.slice(prefix.length), value])) as never)
}

function recordedOf(event: string): Recorded[] {
  return lines.filter(({ message }) => message.event_type === event)
}

function assertToldAsRecorded(told: readonly Told[], event: string): void {
  const ours = told.find((one) => one.event === event)
  const theirs = recordedOf(event)[0]
  assert.ok(ours && theirs, event)
  assert.deepEqual([ours.key, ours.publisher], [theirs.routing_key, theirs.message.publisher_id])
  assert.deepEqual(ours.payload, theirs.message.payload)
}

function states(payload: unknown): Dict {
  const { old_state, state, old_task_state, new_task_state } = payload as Dict
  return { old_state, state, old_task_state, new_task_state }
}

function dataOf(primitive: unknown): Dict {
  return (primitive as Dict)['nova_object.data'] as Dict
}

/** Names and versions of objects and the names of their fields. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shape)
  if (typeof value !== 'object' || value === null) return null
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, /^nova_object\.(name|version|namespace)$/.test(key) ? item : shape(item)]),
  )
}

test('what a scheduler looks for is told as Nova tells it, in both forms, but for the token in the older one', async () => {
  const request = lines.find(({ message }) => message.method === 'select_destinations')
  assert.ok(request)
  const spec = registry.fromPrimitive((request.message.args as Dict).spec_obj as never) as RequestSpec
  const { emitter, told } = recordingEmitter()
  const notifications = new SchedulerNotifications({ emitter, log: failingLog }, { host: 'controller1' })
  await notifications.selectDestinations(contextOf(request), spec, 'start')
  const [legacy, versioned] = recordedOf('scheduler.select_destinations.start')
  assert.ok(legacy && versioned)
  assert.deepEqual(
    told.map(({ key, publisher }) => [key, publisher]),
    [legacy, versioned].map(({ routing_key, message }) => [routing_key, message.publisher_id]),
  )
  assert.deepEqual(told[1]?.payload, versioned.message.payload)
  const theirs = (legacy.message.payload as { request_spec: Dict }).request_spec
  assert.ok(told[0])
  const ours = told[0].payload.request_spec as Dict
  assert.deepEqual(Object.keys(ours), Object.keys(theirs))
  assert.deepEqual(ours.image, theirs.image)
  const { pci_requests: pci, ...properties } = theirs.instance_properties as Dict
  const { pci_requests: ourPci, ...ourProperties } = ours.instance_properties as Dict
  assert.deepEqual(ourProperties, properties)
  assert.deepEqual((ourPci as Dict).requests, (pci as { _obj_requests: unknown })._obj_requests)
  assert.doesNotMatch(JSON.stringify(told), /auth_token/)
})

test('a request that comes to nothing is told with its reason', async () => {
  const request = lines.find(({ message }) => message.method === 'select_destinations')
  assert.ok(request)
  const requestSpec = registry.fromPrimitive((request.message.args as Dict).spec_obj as never) as RequestSpec
  const { emitter, told } = recordingEmitter()
  const failure = novaError('NoValidHost', { reason: 'none is left' })
  const notifications = new ComputeTaskNotifications({ emitter, log: failingLog }, { host: 'controller1' })
  const instanceUuid = requestSpec.instance_uuid
  await notifications.failed(contextOf(request), { method: 'build_instances', instanceUuid, vmState: 'error', requestSpec, failure })
  const [legacy, versioned] = told
  assert.deepEqual(
    told.map(({ key, publisher, event }) => [key, publisher, event]),
    [
      ['notifications.error', 'compute_task.controller1', 'compute_task.build_instances'],
      ['versioned_notifications.error', 'nova-conductor:controller1', 'compute_task.build_instances.error'],
    ],
  )
  assert.equal(legacy?.payload.reason, failure.message)
  assert.equal(dataOf(dataOf(versioned?.payload).reason).exception, 'NoValidHost')
})

test('a service is told in its own name, as Nova tells it', async () => {
  const [recorded] = recordedOf('service.update')
  assert.ok(recorded)
  const { disabled, disabled_reason, last_seen_up, ...others } = dataOf(recorded.message.payload)
  const service = Service.objStored({ ...others, disabled, disabled_reason, last_seen_up: new Date(String(last_seen_up)) } as never)
  const { emitter, told } = recordingEmitter()
  await new ServiceNotifications({ emitter, log: failingLog }).changed(contextFromDict({}), service, 'update')
  const { routing_key: key, message } = recorded
  assert.deepEqual(told, [{ key, publisher: message.publisher_id, event: 'service.update', payload: message.payload }])
})
