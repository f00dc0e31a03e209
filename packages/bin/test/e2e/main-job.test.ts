import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { JsonObject } from '@micronova/messaging'
import type { Instance } from '@micronova/model'
import { dataOf, recordedBuild } from './support/boots.js'
import { Cell } from './support/cell.js'
import type { ControlPlane } from './support/control-plane.js'
import { eventually } from './support/eventually.js'
import { RawBroker } from './support/raw-broker.js'
import { bodyOf, contextOf, type Recorded, recordedOperations, recordings } from './support/recorded.js'
import { continueIds, servicesSkip } from './support/services.js'

const { uuid } = dataOf((recordedBuild.message.args as JsonObject).instance)
const instanceUuid = String(uuid)
/** Of each operation: what nova-api calls its action, and what nova-compute calls its event. */
const actions: Readonly<Record<string, readonly [action: string, event: string]>> = {
  build_and_run_instance: ['create', 'compute__do_build_and_run_instance'],
  stop_instance: ['stop', 'compute_stop_instance'],
  start_instance: ['start', 'compute_start_instance'],
  reboot_instance: ['reboot', 'compute_reboot_instance'],
  pause_instance: ['pause', 'compute_pause_instance'],
  unpause_instance: ['unpause', 'compute_unpause_instance'],
  suspend_instance: ['suspend', 'compute_suspend_instance'],
  resume_instance: ['resume', 'compute_resume_instance'],
  terminate_instance: ['delete', 'compute_terminate_instance'],
}
/** As the recorded deployment had it: after each of these operations its state, and the power state of its guest. */
const life = [
  ['04-stop-start-reboot.jsonl', ['stopped', 4], ['active', 1], ['active', 1], ['active', 1]],
  ['05-pause-suspend-resume.jsonl', ['paused', 1], ['active', 1], ['suspended', 1], ['active', 1]],
] as const

test('a recorded boot, recorded operations and a recorded delete take an instance through its life', { skip: servicesSkip }, async (t) => {
  const cell = await Cell.create(t)
  const conductor = await cell.start('nova-conductor')
  // The recorded messages carry the ids that the rows had.
  await continueIds(cell.database, { instances: 3, block_device_mapping: 3 })
  const compute = await cell.start('nova-compute')
  const plane = cell.controlPlane()
  const broker = await RawBroker.open(cell.cleanups, cell.brokerUrl)
  const operate = (recorded: Recorded) => broker.publish(recorded.routing_key, bodyOf(recorded), recorded.properties)

  await t.test('build_and_run_instance brings it to ACTIVE', async () => {
    const ctx = contextOf(recordedBuild)
    const { instance, blockDevices } = await plane.createRows(ctx, recordedBuild.message.args as JsonObject)
    assert.deepEqual([instance.id, blockDevices.objects[0]?.id], [3, 3])
    await operate(recordedBuild)
    await finished(cell, recordedBuild)
    const row = await instanceRow(cell)
    const { vm_state, task_state, power_state, host, node, launched_on } = row
    assert.deepEqual({ vm_state, task_state, power_state }, { vm_state: 'active', task_state: null, power_state: 1 })
    assert.deepEqual({ host, node, launched_on }, { host: 'compute1', node: 'compute1', launched_on: 'compute1' })
    assert.ok(row.launched_at instanceof Date)
    assert.deepEqual(cell.guests('compute1'), [instanceUuid])
  })

  await t.test('its network is in the info cache and in virtual_interfaces', async () => {
    const { info_cache: cache } = await plane.stores.instances.getByUuid(contextOf(recordedBuild), instanceUuid)
    const [vif, ...others] = cache?.network_info ?? []
    assert.deepEqual(others, [])
    assert.equal(vif?.network?.id, '41a80805-e88a-406c-bd3b-484a882f0439')
    const rows = await cell.database.kysely.selectFrom('virtual_interfaces').selectAll().where('instance_uuid', '=', instanceUuid).execute()
    assert.deepEqual(
      rows.map(({ uuid, address, deleted }) => ({ uuid, address, deleted })),
      [{ uuid: vif?.id, address: `${vif?.address}/${vif?.id}`, deleted: 0 }],
    )
  })

  await t.test('the device name of its disk is in block_device_mapping', async () => {
    const rows = await cell.database.kysely.selectFrom('block_device_mapping').selectAll().execute()
    assert.deepEqual(
      rows.map(({ device_name, instance_uuid }) => ({ device_name, instance_uuid })),
      [{ device_name: '/dev/sda', instance_uuid: instanceUuid }],
    )
  })

  await t.test('the compute node counts it', async () => {
    const node = await cell.database.kysely.selectFrom('compute_nodes').selectAll().executeTakeFirstOrThrow()
    const { hypervisor_hostname, vcpus_used, memory_mb_used, local_gb_used, running_vms, host_ip } = node
    assert.deepEqual(
      { hypervisor_hostname, vcpus_used, memory_mb_used, local_gb_used, running_vms, host_ip },
      {
        hypervisor_hostname: 'compute1',
        vcpus_used: 1,
        memory_mb_used: 512 + 512,
        local_gb_used: 1,
        running_vms: 1,
        host_ip: '192.0.2.31',
      },
    )
  })

  for (const [file, ...states] of life) {
    for (const [index, recorded] of recordedOperations(file).entries()) {
      const [vmState, powerState] = states[index] ?? []
      await t.test(`${recorded.message.method} (${file} ${recorded.seq}) leaves it ${vmState}`, async () => {
        assertStands(await begin(plane, recorded), recorded)
        await operate(recorded)
        await finished(cell, recorded)
        const { vm_state, task_state, power_state } = await instanceRow(cell)
        assert.deepEqual([vm_state, task_state, power_state], [vmState, null, powerState])
      })
    }
  }

  await t.test('console output and diagnostics are answered as recorded', async () => {
    const replies = new Map<string, JsonObject>()
    const lines = recordings('11-console-and-actions.jsonl')
    for (const method of ['get_console_output', 'get_instance_diagnostics']) {
      const request = lines.find(({ message }) => message.method === method)
      assert.ok(request)
      const expected = lines.find(({ message }) => message._msg_id === request.message._msg_id && message !== request.message)
      const queue = String(request.message._reply_q)
      if (replies.size === 0)
        await broker.consume(queue, ({ content }) => {
          const reply = JSON.parse(JSON.parse(content.toString())['oslo.message']) as JsonObject
          replies.set(String(reply._msg_id), reply)
        })
      await operate(request)
      const reply = await eventually(`${method} is answered`, () => replies.get(String(request.message._msg_id)))
      assert.deepEqual(sorted({ ...reply, _unique_id: null }), sorted({ ...expected?.message, _unique_id: null }))
    }
    const instance = await plane.stores.instances.getByUuid(contextOf(recordedBuild), instanceUuid)
    const diagnostics = await plane.compute.getDiagnostics(contextOf(recordedBuild), { instance })
    assert.equal((diagnostics as JsonObject).vda_read, 262144)
  })

  await t.test('terminate_instance removes guest and networks, and the rows count as deleted', async () => {
    const [recorded] = recordedOperations('08-delete.jsonl')
    assert.ok(recorded)
    await begin(plane, recorded)
    await operate(recorded)
    await finished(cell, recorded)
    const { vm_state, task_state, deleted, deleted_at, terminated_at } = await instanceRow(cell)
    assert.deepEqual({ vm_state, task_state, deleted }, { vm_state: 'deleted', task_state: null, deleted: 3 })
    assert.ok(deleted_at instanceof Date && terminated_at instanceof Date)
    const { kysely } = cell.database
    for (const table of ['block_device_mapping', 'virtual_interfaces', 'instance_info_caches', 'instance_system_metadata'] as const) {
      const rows = await kysely.selectFrom(table).select(['id', 'deleted']).execute()
      assert.ok(rows.length > 0)
      for (const row of rows) assert.equal(row.deleted, row.id, table)
    }
    assert.deepEqual(cell.guests('compute1'), [])
  })

  await t.test('each operation has left its action with one event, a success', async () => {
    const operations = [recordedBuild, ...life.flatMap(([file]) => recordedOperations(file)), ...recordedOperations('08-delete.jsonl')]
    const rows = await cell.database.kysely
      .selectFrom('instance_actions')
      .innerJoin('instance_actions_events', 'instance_actions_events.action_id', 'instance_actions.id')
      .select(['action', 'request_id', 'user_id', 'event', 'result', 'host', 'traceback'])
      .where('instance_uuid', '=', instanceUuid)
      .orderBy('instance_actions_events.id')
      .execute()
    const expected = operations.map((recorded) => {
      const [action, event] = actions[String(recorded.message.method)] ?? []
      const { requestId: request_id, userId: user_id } = contextOf(recorded)
      return { action, request_id, user_id, event, result: 'Success', host: 'compute1', traceback: null }
    })
    assert.deepEqual(rows, expected)
  })

  await t.test('the logs have no error, and warnings of options alone; both programs end well', async () => {
    const [built = ''] = compute.matching(/seconds to build instance/)
    assert.match(built, new RegExp(`${contextOf(recordedBuild).requestId}.*\\[instance: ${instanceUuid}\\]`))
    assert.deepEqual([...compute.matching(/ (ERROR|CRITICAL) /), ...conductor.matching(/ (ERROR|CRITICAL) /)], [])
    const [deprecated = '', unimplemented = '', ...others] = conductor.matching(/ WARNING /)
    assert.match(deprecated, /\[glance\] api_servers is deprecated/)
    assert.match(unimplemented, /these options are set and not implemented yet: .*\[libvirt\] virt_type/)
    assert.deepEqual(others, [])
    assert.deepEqual(await compute.stop(), { status: 0, signal: null })
    assert.deepEqual(await conductor.stop(), { status: 0, signal: null })
    assert.deepEqual(readdirSync(join(cell.folder, 'log')).sort(), ['nova-compute.log', 'nova-conductor.log'])
  })
})

/** Write what nova-api wrote before it sent `recorded`. @returns how the instance then stands */
async function begin(plane: ControlPlane, recorded: Recorded): Promise<Instance> {
  const ctx = contextOf(recorded)
  const [action = ''] = actions[String(recorded.message.method)] ?? []
  const { task_state: taskState } = dataOf((recorded.message.args as JsonObject).instance)
  const instance = await plane.stores.instances.getByUuid(ctx, instanceUuid)
  await plane.begin(ctx, action, instance, taskState as Instance['task_state'])
  return plane.stores.instances.getByUuid(ctx, instanceUuid, ['metadata', 'system_metadata'])
}

/** The instance is as it was in the recorded deployment at that point of its life, but for the times. */
function assertStands(instance: Instance, { message }: Recorded): void {
  const theirs = dataOf((message.args as JsonObject).instance)
  const ours = dataOf(instance.objToPrimitive())
  const compared = Object.keys(theirs).filter((field) => field in ours && !/_at$|^info_cache$/.test(field))
  assert.ok(compared.length > 40)
  for (const field of compared) assert.deepEqual(ours[field], theirs[field], field)
  for (const field of ['created_at', 'updated_at', 'launched_at'])
    assert.match(String(ours[field]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, field)
}

/** Resolves when the event of a recorded operation has ended. */
async function finished({ database }: Cell, recorded: Recorded): Promise<void> {
  const [, event = ''] = actions[String(recorded.message.method)] ?? []
  await eventually(`${event} ends`, async () => {
    const row = await database.kysely
      .selectFrom('instance_actions_events')
      .innerJoin('instance_actions', 'instance_actions_events.action_id', 'instance_actions.id')
      .select('instance_actions_events.finish_time')
      .where('request_id', '=', contextOf(recorded).requestId)
      .where('event', '=', event)
      .executeTakeFirst()
    return row?.finish_time ?? undefined
  })
}

function instanceRow({ database }: Cell) {
  return database.kysely.selectFrom('instances').selectAll().where('uuid', '=', instanceUuid).executeTakeFirstOrThrow()
}

/** The changes of an object are a set: their order has no meaning. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === 'nova_object.changes' ? [...(item as string[])].sort() : sorted(item)]),
  )
}
