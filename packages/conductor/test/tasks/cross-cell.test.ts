import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CellStores, isNovaError, novaError } from '@micronova/model'
import { aVolume, type CrossCell, crossCell, twoCells } from './cross-cell-fixture.js'
import { cell2Uuid } from './deployment.js'

/** What there is of the instance, above the cells and in the other services. */
async function worldOf({ deployment, instance: { uuid }, port }: CrossCell) {
  const { api, cell1, cell2, clients, ctx } = deployment
  const mapping = await api.instanceMappings.getByInstanceUuid(ctx, uuid)
  const [migration] = await (mapping.cell_mapping?.uuid === cell2Uuid ? cell2 : cell1).migrations.listByFilters(ctx, {
    instance_uuid: uuid,
  })
  const holds = (consumer: string) => Object.keys(clients.placement.state.consumers.get(consumer)?.allocations ?? {})
  const nodes = [...(await cell1.computeNodes.listAll(ctx)), ...(await cell2.computeNodes.listAll(ctx))]
  const hosts = (consumer: string) => nodes.flatMap((node) => (holds(consumer).includes(node.uuid) ? [node.host] : []))
  return {
    cell: mapping.cell_mapping?.uuid === cell2Uuid ? 'cell2' : 'cell1',
    status: migration?.status,
    held: { instance: hosts(uuid), migration: hosts(migration!.uuid) },
    bindings: (clients.neutron.bindings.get(port) ?? []).map(({ host, status }) => `${host} ${status}`).sort(),
    attachments: [...clients.cinder.attachments.values()].filter(({ instance }) => instance === uuid).length,
    images: (await clients.glance.listImages(ctx, {})).map(({ name }) => name),
  }
}

async function recordOf(stores: CellStores, { deployment: { ctx }, instance: { uuid } }: CrossCell) {
  try {
    const record = await stores.instances.getByUuid(ctx, uuid, ['flavor', 'fault', 'system_metadata', 'migration_context'])
    const { vm_state, task_state, hidden, fault, old_flavor, new_flavor, system_metadata, migration_context } = record
    const isMoving = [old_flavor, new_flavor, system_metadata.old_vm_state, migration_context].some((part) => part)
    return { state: `${vm_state} ${task_state ?? '-'}`, hidden: hidden ?? false, isMoving, hasFault: fault !== null }
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotFound')) throw err
    return 'none'
  }
}

const methodsOf = ({ deployment }: CrossCell) => deployment.received.map(({ to, method }) => `${to} ${method}`)

test('a resize to another cell takes the whole instance along, hidden until its guest is there', async (t) => {
  const crossing = await crossCell(t)
  const { deployment, instance } = crossing
  const { api, cell1, cell2, ctx } = deployment
  await crossing.resize()
  assert.deepEqual(methodsOf(crossing), [
    'scheduler select_destinations',
    'compute9 prep_snapshot_based_resize_at_dest',
    'compute1 prep_snapshot_based_resize_at_source',
    'compute9 finish_snapshot_based_resize_at_dest',
  ])
  const moving = { isMoving: true, hasFault: false }
  assert.deepEqual(await recordOf(cell2, crossing), { state: 'resized -', hidden: false, ...moving })
  assert.deepEqual(await recordOf(cell1, crossing), { state: 'active resize_migrated', hidden: true, ...moving })
  assert.deepEqual(await worldOf(crossing), {
    cell: 'cell2',
    status: 'finished',
    held: { instance: ['compute9'], migration: ['compute1'] },
    bindings: ['compute1 INACTIVE', 'compute9 ACTIVE'],
    attachments: 2,
    images: [`${instance.display_name}-resize-temp`],
  })
  const copy = await cell2.instances.getByUuid(ctx, instance.uuid, ['metadata', 'tags', 'info_cache', 'system_metadata'])
  assert.deepEqual(
    [copy.metadata, copy.tags.objects.map(({ tag }) => tag), copy.info_cache?.network_info?.[0]?.id, copy.availability_zone],
    [{ role: 'db' }, ['red'], crossing.port, 'nova'],
  )
  const [here] = await cell1.migrations.listByFilters(ctx, { instance_uuid: instance.uuid })
  const [there] = await cell2.migrations.listByFilters(ctx, { instance_uuid: instance.uuid })
  assert.deepEqual([here?.cross_cell_move, here?.dest_compute, here?.uuid], [true, 'compute9', there?.uuid])
  assert.equal((await api.requestSpecs.getByInstanceUuid(ctx, instance.uuid)).flavor.name, 'm1.small')
  assert.deepEqual((await eventsOf(cell2, crossing)).resize, [
    'cold_migrate Success',
    'compute_prep_snapshot_based_resize_at_source Success',
    'conductor_migrate_server Success',
  ])
})

test('the image of the root disk inherits what an image of the guest may, and a guest whose disk is a volume needs none', async (t) => {
  const crossing = await crossCell(t)
  await crossing.resize()
  const { clients, ctx } = crossing.deployment
  const [image] = await clients.glance.listImages(ctx, {})
  assert.deepEqual(
    [image?.status, image?.min_disk, image?.hw_disk_bus, image?.image_type, image?.instance_uuid, image?.img_signature],
    ['queued', 1, 'virtio', 'snapshot', crossing.instance.uuid, undefined],
  )
  const booted = await crossCell(t)
  booted.spec.is_bfv = true
  await booted.resize()
  assert.deepEqual((await worldOf(booted)).images, [])
  const sent = await booted.deployment.next('finish_snapshot_based_resize_at_dest')
  assert.equal(sent.args.snapshot_id, null)
})

test('a confirmed move leaves nothing in the cell that it came from', async (t) => {
  const crossing = await crossCell(t)
  const { deployment } = crossing
  await crossing.resize()
  await (await crossing.decide('confirm'))()
  assert.deepEqual(await recordOf(deployment.cell1, crossing), 'none')
  assert.deepEqual(await recordOf(deployment.cell2, crossing), { state: 'active -', hidden: false, isMoving: false, hasFault: false })
  const { cell, status, held } = await worldOf(crossing)
  assert.deepEqual({ cell, status, held }, { cell: 'cell2', status: 'confirmed', held: { instance: ['compute9'], migration: [] } })
  assert.deepEqual(deployment.steps, ['resize_confirm.start cell1', 'resize_confirm.end cell2'])
})

test('a reverted move leaves nothing in the cell that it had gone to, and brings along what came and went meanwhile', async (t) => {
  const crossing = await crossCell(t)
  const { deployment, instance } = crossing
  const { cell1, cell2, clients, ctx } = deployment
  await crossing.resize()
  const [gone] = await cell2.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  await clients.cinder.deleteAttachment(ctx, gone!.attachment_id!)
  await cell2.blockDeviceMappings.destroy(ctx, gone!)
  const volume = clients.cinder.addVolume().id
  const { id } = await clients.cinder.createAttachment(ctx, { volumeId: volume, instanceUuid: instance.uuid })
  await cell2.blockDeviceMappings.create(ctx, aVolume(instance.uuid, volume, id, '/dev/vdc'))
  await (await crossing.decide('revert'))()
  assert.deepEqual(methodsOf(crossing).slice(4), [
    'compute9 revert_snapshot_based_resize_at_dest',
    'compute1 finish_revert_snapshot_based_resize_at_source',
  ])
  assert.equal(await recordOf(cell2, crossing), 'none')
  const { cell, status } = await worldOf(crossing)
  assert.deepEqual({ cell, status }, { cell: 'cell1', status: 'reverted' })
  const mappings = await cell1.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  assert.deepEqual(
    mappings.map(({ volume_id, attachment_id }) => [volume_id, clients.cinder.attachments.has(attachment_id ?? ''), attachment_id === id]),
    [[volume, true, false]],
  )
  assert.equal(clients.cinder.attachments.has(crossing.attachment), false)
  const events = await eventsOf(cell1, crossing)
  assert.deepEqual(events.revertResize, [
    'compute_revert_snapshot_based_resize_at_dest Success',
    'conductor_revert_snapshot_based_resize Success',
  ])
  assert.deepEqual(deployment.steps, ['resize_revert.start cell2', 'resize_revert.end cell1'])
})

/** Of each action the events with their results, in alphabetical order. */
async function eventsOf(stores: CellStores, { deployment: { ctx }, instance: { uuid } }: CrossCell): Promise<Record<string, string[]>> {
  const { actions } = (await stores.instanceRecords.read(ctx, uuid)) as unknown as {
    actions: { action: { action: string }; events: { event: string; result: string }[] }[]
  }
  return Object.fromEntries(actions.map(({ action, events }) => [action.action, events.map((of) => `${of.event} ${of.result}`).sort()]))
}

/** Requests of the conductor, from `begin` on; the one that `at` counts to fails. */
class Fault {
  readonly made: string[] = []
  #at = -1
  #isOn = false

  readonly before = (request: string): void => {
    if (!this.#isOn) return
    this.made.push(request)
    if (this.made.length - 1 === this.#at) throw novaError('NovaException', {}, { message: `${request} was told to fail` })
  }

  set(at: number): void {
    this.#at = at
    this.#isOn = false
    this.made.length = 0
  }

  begin(): void {
    this.#isOn = true
  }
}

/** What each of the computes answers with instead of doing anything. */
const computeMethods = {
  prep_snapshot_based_resize_at_dest: { hasLeft: false },
  prep_snapshot_based_resize_at_source: { hasLeft: false },
  finish_snapshot_based_resize_at_dest: { hasLeft: true },
} as const

async function asBefore(crossing: CrossCell, { hasLeft }: { readonly hasLeft: boolean }, why: string): Promise<void> {
  const { deployment, instance } = crossing
  const { cell1, cell2, ctx } = deployment
  assert.equal(await recordOf(cell2, crossing), 'none', `${why}: a copy is left`)
  assert.equal((await cell2.instances.listByFilters(ctx, { uuid: instance.uuid, hidden: true })).length, 0, why)
  const states = { state: hasLeft ? 'error -' : 'active -', hidden: false, isMoving: false, hasFault: true }
  assert.deepEqual(await recordOf(cell1, crossing), states, why)
  assert.deepEqual(
    await worldOf(crossing),
    {
      cell: 'cell1',
      status: 'error',
      held: { instance: ['compute1'], migration: [] },
      bindings: ['compute1 ACTIVE'],
      attachments: 1,
      images: [],
    },
    why,
  )
}

for (const [method, expected] of Object.entries(computeMethods)) {
  test(`a resize to another cell whose ${method} fails leaves nothing of itself`, async (t) => {
    const fails = () => {
      throw novaError('MigrationPreCheckError', { reason: 'boom' })
    }
    const crossing = await crossCell(t, { computes: { [method]: fails } })
    await assert.rejects(crossing.resize(), { kind: 'MigrationPreCheckError' })
    await asBefore(crossing, expected, method)
  })
}

test('each request of a resize to another cell fails in turn, and nothing of it is left', async (t) => {
  const fault = new Fault()
  const { deployment, crossing } = await twoCells(t, { before: fault.before })
  const { clients, received } = deployment
  const resize = async (at: number) => {
    const next = await crossing()
    fault.set(at)
    received.length = 0
    // With this request the task has begun to change things that it must give back.
    clients.placement.calls.before('postAllocations', () => fault.begin())
    return next
  }
  await (await resize(-1)).resize()
  const [image] = await clients.glance.listImages(deployment.ctx, {})
  await clients.glance.deleteImage(deployment.ctx, image!.id)
  const all = [...fault.made]
  const last = all.indexOf('api.instanceMappings.save')
  assert.ok(last > 20, all.join(' '))
  for (const [at, request] of all.slice(0, last + 1).entries()) {
    // The end of an event is only logged.
    if (request.endsWith('actions.finishEvent')) continue
    const troubled = await resize(at)
    const why = `${at} ${request}`
    await assert.rejects(troubled.resize(), (err: Error) => /told to fail|port bindings/.test(err.message), why)
    const isAsked = (method: string) => received.some((one) => one.method === method)
    await asBefore(troubled, { hasLeft: isAsked('prep_snapshot_based_resize_at_source') }, why)
    assert.equal(isAsked('revert_snapshot_based_resize_at_dest'), isAsked('finish_snapshot_based_resize_at_dest'), why)
  }
})

test('a mapping that was written although the database said otherwise names the source again', async (t) => {
  let crossing: CrossCell | null = null
  const before = async (request: string) => {
    if (crossing === null || request !== 'api.instanceMappings.save') return
    const { deployment, instance } = crossing
    crossing = null
    const mapping = await deployment.api.instanceMappings.getByInstanceUuid(deployment.ctx, instance.uuid)
    mapping.cell_mapping = (await deployment.api.cellMappings.list(deployment.ctx)).find(({ uuid }) => uuid === cell2Uuid)!
    await deployment.api.instanceMappings.save(deployment.ctx, mapping)
    throw new Error('boom')
  }
  const moving = await crossCell(t, { before })
  crossing = moving
  await assert.rejects(moving.resize(), /boom/)
  await asBefore(moving, { hasLeft: true }, 'mapping')
})

test('a move whose source can no longer be hidden is done all the same', async (t) => {
  let isShown = false
  const before = (request: string) => {
    if (isShown && request === 'cell1.instances.save') throw new Error('boom')
    if (request === 'api.instanceMappings.save') isShown = true
  }
  const crossing = await crossCell(t, { before })
  isShown = false
  await crossing.resize()
  assert.equal((await worldOf(crossing)).cell, 'cell2')
})

test('a copy that an interrupted move has left does not keep the instance from going again; an instance that is no copy does', async (t) => {
  const crossing = await crossCell(t)
  const { cell1, cell2, ctx } = crossing.deployment
  await cell2.instanceRecords.createHidden(ctx, await cell1.instanceRecords.read(ctx, crossing.instance.uuid))
  await crossing.resize()
  assert.equal((await worldOf(crossing)).cell, 'cell2')

  const other = await crossCell(t)
  const stores = other.deployment.cell2
  await stores.instanceRecords.createHidden(ctx, await other.deployment.cell1.instanceRecords.read(ctx, other.instance.uuid))
  const shown = await stores.instances.getByUuid(ctx, other.instance.uuid)
  shown.hidden = false
  await stores.instances.save(ctx, shown)
  await assert.rejects(other.resize(), { kind: 'InstanceExists' })
  assert.equal((await stores.instances.getByUuid(ctx, other.instance.uuid)).hidden, false)
})

/** The requests of a decision; each fails in turn. */
async function eachFails(
  t: Parameters<typeof twoCells>[0],
  decision: 'confirm' | 'revert',
  check: (crossing: CrossCell, why: string) => Promise<void>,
): Promise<void> {
  const fault = new Fault()
  const { deployment, crossing } = await twoCells(t, { before: fault.before })
  const { cell2, clients, ctx } = deployment
  const decide = async (at: number) => {
    const next = await crossing()
    const { uuid: instanceUuid } = next.instance
    fault.set(at)
    await next.resize()
    const volume = clients.cinder.addVolume().id
    const { id } = await clients.cinder.createAttachment(ctx, { volumeId: volume, instanceUuid })
    await cell2.blockDeviceMappings.create(ctx, aVolume(instanceUuid, volume, id, '/dev/vdc'))
    const outcome = await next.decide(decision)
    fault.begin()
    return { next, outcome }
  }
  await (await decide(-1)).outcome()
  const all = [...fault.made]
  // What comes before is the look for the cell of the instance, and the event of the task.
  const first = all.findIndex((request) => request.endsWith('actions.startEvent')) + 1
  let failed = 0
  for (const [at, request] of all.entries()) {
    if (at < first || request.endsWith('actions.finishEvent')) continue
    const { next, outcome } = await decide(at)
    const why = `${at} ${request}`
    const failure = await outcome().then(
      () => null,
      (err: Error) => err,
    )
    if (failure === null) continue
    failed += 1
    assert.match(failure.message, /told to fail/, why)
    await check(next, why)
  }
  assert.ok(failed > 6, `${failed} of ${all.join(' ')}`)
}

test('each request of a confirmation fails in turn: the instance ends in ERROR where it runs, with a fault', async (t) => {
  await eachFails(t, 'confirm', async (crossing, why) => {
    const record = await recordOf(crossing.deployment.cell2, crossing)
    assert.ok(record !== 'none', why)
    assert.deepEqual([record.state, record.hidden, record.hasFault], ['error -', false, true], why)
    const { cell, status } = await worldOf(crossing)
    assert.deepEqual({ cell, status }, { cell: 'cell2', status: 'error' }, why)
  })
})

test('each request of a revert fails in turn: the instance ends in ERROR, in the cell where the rest of it is, with a fault', async (t) => {
  const cells = new Set<string>()
  await eachFails(t, 'revert', async (crossing, why) => {
    const { cell, status, attachments } = await worldOf(crossing)
    const { cell1, cell2 } = crossing.deployment
    const record = await recordOf(cell === 'cell2' ? cell2 : cell1, crossing)
    assert.ok(record !== 'none', why)
    assert.deepEqual([record.state, record.hidden, record.hasFault, status], ['error -', false, true, 'error'], why)
    cells.add(cell)
    if (cell === 'cell1') return
    const source = await recordOf(cell1, crossing)
    assert.ok(source !== 'none' && source.hidden, why)
    // That of the volume at its source, and those of both volumes in the target cell.
    assert.equal(attachments, 3, why)
  })
  assert.deepEqual([...cells].sort(), ['cell1', 'cell2'])
})
