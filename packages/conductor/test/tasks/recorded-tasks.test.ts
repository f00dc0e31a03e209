import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@micronova/messaging'
import { type BuildRequest, type Instance, InstanceMapping, novaRegistry, type RequestSpec } from '@micronova/model'
import { readFixtureLines } from '@micronova/testing'
import { asSent, type TestDeployment, testDeployment } from './deployment.js'

interface Line {
  readonly routing_key: string
  readonly message: JsonObject & { readonly args?: JsonObject }
}

interface Recorded {
  /** The request to `compute_task`, as the API sent it. */
  readonly task: Line['message']
  readonly scheduler: { readonly args: JsonObject; readonly result: unknown }
  /** What the Python conductor sent to the compute then. */
  readonly compute: { readonly host: string; readonly method: string; readonly args: JsonObject }
}

const registry = novaRegistry()

function recorded(file: string, task: string, method: string): Recorded {
  const lines = readFixtureLines(`wire/${file}.jsonl`).map((line) => JSON.parse(line) as Line)
  const find = (name: string) => lines.find(({ message }) => message.method === name)!
  const asked = find('select_destinations').message
  const answer = lines.find(({ message }) => message._msg_id === asked._msg_id && 'result' in message)!
  const sent = find(method)
  return {
    task: find(task).message,
    scheduler: { args: asked.args!, result: answer.message.result },
    compute: { host: sent.routing_key.replace('compute.', ''), method, args: sent.message.args! },
  }
}

/** Send the recorded request, as it was. */
async function send({ transport }: TestDeployment, { method, args, version, ...rest }: Recorded['task']): Promise<void> {
  const context = Object.entries(rest).filter(([name]) => name.startsWith('_context_'))
  const client = transport.client<JsonObject>(
    { topic: 'conductor', namespace: 'compute_task', version: String(version) },
    { serializer: asSent },
  )
  await client.cast(Object.fromEntries(context.map(([name, value]) => [name.slice('_context_'.length), value!])), String(method), args!)
}

/**
 * A message without what the database decides (ids, times), and without the lists of changed fields, whose order is not defined and in
 * which upstream counts objects that it made of JSON.
 */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => !left.has(name))
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, item]) => [name, comparable(item)]))
}

const left: ReadonlySet<string> = new Set([
  'nova_object.changes',
  'id',
  'uuid',
  'created_at',
  'updated_at',
  'instance_id',
  'snapshot_id',
  'transport_url',
  'database_connection',
  'ec2_ids',
  'timestamp',
])

const boots = ['03-boot', '09c-boot-rescheduled', '10-notifications']
for (const file of boots) {
  test(`${file}: scheduler and compute get what the Python conductor sent them`, async (t) => {
    const conversation = recorded(file, 'schedule_and_build_instances', 'build_and_run_instance')
    const deployment = await testDeployment(t, { scheduler: { select_destinations: conversation.scheduler.result } })
    const { api, cell1, ctx } = deployment
    const request = registry.fromPrimitive((conversation.task.args!.build_requests as JsonObject[])[0]!) as BuildRequest
    const { instance_uuid, project_id, instance } = request
    const mapping = new InstanceMapping({ instance_uuid, project_id, user_id: instance.user_id ?? '' })
    await api.instanceMappings.create(ctx, mapping)
    await api.buildRequests.create(ctx, fresh(request))
    await send(deployment, conversation.task)

    const built = await deployment.next('build_and_run_instance')
    const asked = await deployment.next('select_destinations')
    assert.deepEqual(comparable(asked.args), comparable(conversation.scheduler.args))
    assert.equal(built.to, conversation.compute.host)
    assert.deepEqual(comparable(built.args), comparable(conversation.compute.args))

    const stored = await cell1.instances.getByUuid(ctx, instance_uuid)
    assert.deepEqual([stored.vm_state, stored.task_state, stored.availability_zone], ['building', 'scheduling', 'nova'])
    assert.equal((await api.instanceMappings.getByInstanceUuid(ctx, instance_uuid)).cell_mapping?.name, 'cell1')
    await assert.rejects(api.buildRequests.getByInstanceUuid(ctx, instance_uuid), { kind: 'BuildRequestNotFound' })
  })
}

/** As new to a database. */
function fresh(request: BuildRequest): BuildRequest {
  const { id: _, created_at: _c, updated_at: _u, ...values } = request.objGetSet()
  const Request = request.constructor as new (values: object) => BuildRequest
  return new Request(values)
}

for (const file of ['06-resize-confirm', '15-cold-migrate']) {
  test(`${file}: scheduler and destination get what the Python conductor sent them`, async (t) => {
    const conversation = recorded(file, 'migrate_server', 'prep_resize')
    const deployment = await testDeployment(t, { scheduler: { select_destinations: conversation.scheduler.result } })
    const { api, cell1, clients, ctx } = deployment
    const instance = registry.fromPrimitive(conversation.task.args!.instance as JsonObject) as Instance
    const spec = registry.fromPrimitive(conversation.task.args!.request_spec as JsonObject) as RequestSpec
    await seedInstance(deployment, instance)
    await api.requestSpecs.create(ctx, withoutId(spec))
    await send(deployment, conversation.task)

    const moved = await deployment.next('prep_resize')
    const asked = await deployment.next('select_destinations')
    assert.deepEqual(comparable(asked.args), comparable(conversation.scheduler.args))
    assert.equal(moved.to, conversation.compute.host)
    assert.deepEqual(comparable(moved.args), comparable(conversation.compute.args))

    const [migration] = await cell1.migrations.listByFilters(ctx, { instance_uuid: instance.uuid })
    assert.equal(migration?.status, 'pre-migrating')
    assert.deepEqual([...clients.placement.state.consumers.keys()], [migration.uuid])
  })
}

function withoutId(spec: RequestSpec): RequestSpec {
  const { id: _, ...values } = spec.objGetSet()
  const Spec = spec.constructor as new (values: object) => RequestSpec
  return new Spec(values)
}

/** In the cell, mapped, holding what its flavor says on its host. */
async function seedInstance({ api, cell1, clients, ctx }: TestDeployment, recordedInstance: Instance): Promise<void> {
  const skipped = ['id', 'services', 'created_at', 'updated_at', 'deleted_at', 'deleted', 'security_groups', 'tags']
  const values = Object.entries(recordedInstance.objGetSet()).filter(([name]) => !skipped.includes(name))
  const Instance = recordedInstance.constructor as new (values: object) => Instance
  const instance = new Instance(Object.fromEntries(values))
  const { uuid, host, project_id, user_id, flavor } = instance
  await cell1.instances.create(ctx, instance)
  const cell = (await api.cellMappings.list(ctx))[1]!
  await api.instanceMappings.create(
    ctx,
    new InstanceMapping({ instance_uuid: uuid, project_id: project_id ?? '', user_id: user_id ?? '', cell_mapping: cell }),
  )
  const node = await cell1.computeNodes.getByHostAndNode(ctx, host ?? '', host ?? '')
  const resources = { VCPU: flavor.vcpus, MEMORY_MB: flavor.memory_mb, DISK_GB: flavor.root_gb }
  const body = { project_id: project_id ?? '', user_id: user_id ?? '', consumer_generation: null }
  await clients.placement.putAllocations(ctx, uuid, { allocations: { [node.uuid]: { resources } }, ...body })
}
