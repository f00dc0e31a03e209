import { BlockDeviceMapping, BlockDeviceMappingList, type Instance, Migration, NetworkRequest, NetworkRequestList } from '@micronova/model'
import type { Cell, CellHost } from './cell.js'
import { currentInstance, nextUuid, rootDisk, storedInstance } from './compute-fixture.js'
import { largeFlavor } from './compute-pair.js'

export const projectId = 'project1'

/** What the scheduler and the API have made for a build before it is sent. */
export interface Server {
  readonly uuid: string
  readonly networkId: string
  /** A port of the user's own, which no failure may take away. */
  readonly portId: string
  readonly volumeId: string
  readonly image: Readonly<Record<string, unknown>>
  readonly requested: NetworkRequestList
}

export async function newServer(cell: Cell): Promise<Server> {
  const { neutron, cinder, glance, ctx } = cell
  const network = neutron.addNetwork({ name: 'net1' })
  const port = await neutron.createPort(ctx, { network_id: network.id, tenant_id: projectId })
  const volume = cinder.addVolume()
  const { id: imageId } = glance.addImage()
  const image = { id: imageId, name: 'img1', disk_format: 'raw' }
  const { uuid } = await storedInstance(cell, { hostname: 'vm1', availability_zone: 'nova', project_id: projectId, image_ref: imageId })
  await give(cell, uuid, 'compute1')
  const wish = (values: object) =>
    new NetworkRequest({ network_id: null, address: null, port_id: null, tag: null, pci_request_id: null, ...values })
  const requested = new NetworkRequestList({ objects: [wish({ network_id: network.id }), wish({ port_id: port.id })] })
  return { uuid, networkId: network.id, portId: port.id, volumeId: volume.id, image, requested }
}

/** As the scheduler claims it. */
export async function give(cell: Cell, consumer: string, host: CellHost, vcpus = 1): Promise<void> {
  await cell.placement.putAllocations(cell.ctx, consumer, {
    allocations: { [nodeUuid(cell, host)]: { resources: { VCPU: vcpus, MEMORY_MB: 512, DISK_GB: 1 } } },
    project_id: projectId,
    user_id: 'user1',
    consumer_generation: cell.placement.state.consumers.get(consumer)?.generation ?? null,
  })
}

export function nodeUuid(cell: Cell, host: CellHost): string {
  const node = cell[host].tracker.nodes.get(host)
  if (node === undefined) throw new Error('the node is not counted yet')
  return node.uuid
}

/** The root disk, and a volume that is kept for the instance. */
async function blockDevices(cell: Cell, instance: Instance, { volumeId }: Server): Promise<BlockDeviceMappingList> {
  const { objects: disks } = await rootDisk(cell, instance)
  const { id } = await cell.cinder.createAttachment(cell.ctx, { volumeId, instanceUuid: instance.uuid })
  const mapping = dataVolume(instance, volumeId, id)
  await cell.stores.blockDeviceMappings.create(cell.ctx, mapping)
  return new BlockDeviceMappingList({ objects: [...disks, mapping] })
}

export function dataVolume(instance: Instance, volumeId: string, attachmentId: string): BlockDeviceMapping {
  return new BlockDeviceMapping({
    uuid: nextUuid(),
    instance_uuid: instance.uuid,
    source_type: 'volume',
    destination_type: 'volume',
    device_type: 'disk',
    disk_bus: null,
    boot_index: null,
    delete_on_termination: false,
    image_id: null,
    device_name: null,
    volume_id: volumeId,
    volume_size: 1,
    attachment_id: attachmentId,
    connection_info: null,
    tag: null,
    no_device: false,
  })
}

export async function build(cell: Cell, server: Server): Promise<void> {
  const instance = await currentInstance(cell, server.uuid)
  const blockDeviceMapping = await blockDevices(cell, instance, server)
  await cell.stores.actions.start(cell.ctx, server.uuid, 'create')
  await cell.api.buildAndRunInstance(cell.userCtx, {
    instance,
    host: 'compute1',
    image: server.image,
    requestSpec: null,
    filterProperties: { retry: { num_attempts: 1, hosts: [['compute1', 'compute1']] } },
    adminPassword: 'secret',
    injectedFiles: [],
    requestedNetworks: server.requested,
    securityGroups: ['default'],
    blockDeviceMapping,
    node: 'compute1',
    limits: {},
    hostList: [],
    accelUuids: [],
  })
}

/** The instance as the API sends it, with the states that it writes before. */
export async function taken(cell: Cell, { uuid }: Pick<Server, 'uuid'>, action: string, states: object): Promise<Instance> {
  const instance = await currentInstance(cell, uuid)
  Object.assign(instance, states)
  await cell.stores.instances.save(cell.ctx, instance)
  await cell.stores.actions.start(cell.ctx, uuid, action)
  return cell.sends === 'all' ? instance : cell.stores.instances.getByUuid(cell.ctx, uuid, [])
}

export async function terminate(cell: Cell, server: Server): Promise<void> {
  const instance = await taken(cell, server, 'delete', { task_state: 'deleting' })
  const objects = [...(await cell.stores.blockDeviceMappings.listByInstanceUuid(cell.ctx, server.uuid))]
  await cell.api.terminateInstance(cell.userCtx, { instance, bdms: new BlockDeviceMappingList({ objects }) })
}

/** What the conductor makes for a move: the migration holds the source, the instance its destination. */
export async function migrationOf(cell: Cell, { uuid }: Server, values: object): Promise<Migration> {
  const migration = new Migration({
    uuid: nextUuid(),
    instance_uuid: uuid,
    source_compute: 'compute1',
    source_node: 'compute1',
    dest_compute: 'compute2',
    dest_node: 'compute2',
    dest_host: '192.168.0.2',
    old_instance_type_id: 1,
    new_instance_type_id: 2,
    hidden: false,
    cross_cell_move: false,
    user_id: 'user1',
    project_id: projectId,
    ...values,
  })
  await cell.stores.migrations.create(cell.ctx, migration)
  await cell.placement.deleteAllocations(cell.ctx, uuid)
  await give(cell, migration.uuid, 'compute1')
  return migration
}

export async function resize(cell: Cell, server: Server): Promise<void> {
  const migration = await migrationOf(cell, server, { migration_type: 'resize', status: 'pre-migrating' })
  await give(cell, server.uuid, 'compute2', largeFlavor.vcpus)
  const instance = await taken(cell, server, 'resize', {
    task_state: 'resize_prep',
    old_flavor: null,
    new_flavor: null,
    instance_type_id: 1,
  })
  await cell.api.prepResize(cell.userCtx, {
    instance,
    image: {},
    flavor: largeFlavor,
    requestSpec: null,
    filterProperties: {},
    node: 'compute2',
    migration,
    cleanShutdown: true,
    hostList: [],
    host: 'compute2',
  })
}

async function moveInFlight(cell: Cell, { uuid }: Server, status: string, taskState: string | null, action: string) {
  const instance = await taken(cell, { uuid }, action, { task_state: taskState })
  const [migration] = await cell.stores.migrations.listByFilters(cell.ctx, { instance_uuid: uuid, status: ['finished'] })
  if (migration === undefined) throw new Error('no move has finished')
  migration.status = status
  await cell.stores.migrations.save(cell.ctx, migration)
  return { instance, migration }
}

export async function confirmResize(cell: Cell, server: Server): Promise<void> {
  const move = await moveInFlight(cell, server, 'confirming', null, 'confirmResize')
  await cell.api.confirmResize(cell.userCtx, { ...move, host: 'compute1' })
}

export async function revertResize(cell: Cell, server: Server): Promise<void> {
  const move = await moveInFlight(cell, server, 'reverting', 'resize_reverting', 'revertResize')
  await cell.api.revertResize(cell.userCtx, { ...move, requestSpec: null, host: 'compute2' })
}

export async function liveMigrate(cell: Cell, server: Server): Promise<void> {
  const migration = await migrationOf(cell, server, { migration_type: 'live-migration', status: 'accepted', new_instance_type_id: 1 })
  await give(cell, server.uuid, 'compute2')
  const instance = await taken(cell, server, 'live-migration', { task_state: 'migrating' })
  for (const { id, device_id } of cell.neutron.ports.values())
    if (device_id === server.uuid) await cell.neutron.createPortBinding(cell.ctx, id, { host: 'compute2' })
  const asked = { host: 'compute2', instance, blockMigration: null, diskOverCommit: null, migration, limits: null }
  const { ctx } = cell
  const migrateData = await cell.api.checkCanLiveMigrateDestination(ctx, asked)
  await cell.api.liveMigration(ctx, { host: 'compute1', instance, dest: 'compute2', blockMigration: null, migrateData, migration })
}

export async function shelve(cell: Cell, server: Server): Promise<void> {
  const { id: imageId } = await cell.glance.createImage(cell.userCtx, { name: 'shelved', disk_format: 'raw', container_format: 'bare' })
  const instance = await taken(cell, server, 'shelve', { task_state: 'shelving' })
  await cell.api.shelveInstance(cell.userCtx, { instance, imageId, cleanShutdown: true, accelUuids: [] })
}

export async function unshelve(cell: Cell, server: Server): Promise<void> {
  await give(cell, server.uuid, 'compute2')
  const instance = await taken(cell, server, 'unshelve', { task_state: 'unshelving' })
  const { system_metadata } = await currentInstance(cell, server.uuid)
  const image = { id: system_metadata.shelved_image_id }
  await cell.api.unshelveInstance(cell.userCtx, {
    ...{ instance, image, filterProperties: {}, node: 'compute2', requestSpec: null, accelUuids: [], host: 'compute2' },
  })
}

export async function snapshot(cell: Cell, server: Server): Promise<void> {
  const { id: imageId } = await cell.glance.createImage(cell.userCtx, { name: 'snap', disk_format: 'raw', container_format: 'bare' })
  const instance = await taken(cell, server, 'createImage', { task_state: 'image_snapshot_pending' })
  await cell.api.snapshotInstance(cell.userCtx, { instance, imageId })
}

export async function attachInterface(cell: Cell, server: Server): Promise<void> {
  const instance = await taken(cell, server, 'attach_interface', {})
  const wanted = { networkId: server.networkId, portId: null, requestedIp: null, tag: null }
  await cell.api.attachInterface(cell.userCtx, { instance, ...wanted })
}

export async function detachInterface(cell: Cell, server: Server): Promise<void> {
  const instance = await taken(cell, server, 'detach_interface', {})
  await cell.api.detachInterface(cell.userCtx, { instance, portId: server.portId })
}

export async function attachVolume(cell: Cell, server: Server): Promise<void> {
  const volume = cell.cinder.addVolume()
  const instance = await taken(cell, server, 'attach_volume', {})
  const wanted = { device: null, volumeId: volume.id, diskBus: null, deviceType: null, tag: null, multiattach: false }
  const bdm = await cell.api.reserveBlockDeviceName(cell.userCtx, { instance, ...wanted })
  bdm.attachment_id = (await cell.cinder.createAttachment(cell.ctx, { volumeId: volume.id, instanceUuid: server.uuid })).id
  await cell.stores.blockDeviceMappings.save(cell.ctx, bdm)
  await cell.api.attachVolume(cell.userCtx, { instance, bdm })
}

export async function detachVolume(cell: Cell, server: Server): Promise<void> {
  const instance = await taken(cell, server, 'detach_volume', {})
  await cell.cinder.beginDetaching(cell.ctx, server.volumeId)
  const mappings = await cell.stores.blockDeviceMappings.listByInstanceUuid(cell.ctx, server.uuid)
  const attachmentId = mappings.find(({ volume_id }) => volume_id === server.volumeId)?.attachment_id ?? null
  await cell.api.detachVolume(cell.userCtx, { instance, volumeId: server.volumeId, attachmentId })
}

export async function reboot(cell: Cell, server: Server): Promise<void> {
  const instance = await taken(cell, server, 'reboot', { task_state: 'rebooting' })
  await cell.api.rebootInstance(cell.userCtx, { instance, blockDeviceInfo: null, rebootType: 'SOFT' })
}

export async function rebuild(cell: Cell, server: Server): Promise<void> {
  const instance = await taken(cell, server, 'rebuild', { task_state: 'rebuilding' })
  const { id: imageRef } = cell.glance.addImage()
  const objects = [...(await cell.stores.blockDeviceMappings.listByInstanceUuid(cell.ctx, server.uuid))]
  await cell.api.rebuildInstance(cell.userCtx, {
    instance,
    ...{ newPass: 'secret', injectedFiles: [], imageRef, origImageRef: instance.image_ref ?? '', origSysMetadata: {} },
    bdms: new BlockDeviceMappingList({ objects }),
    ...{ recreate: false, onSharedStorage: null, preserveEphemeral: false, migration: null, node: null, limits: {}, requestSpec: null },
    ...{ accelUuids: [], reimageBootVolume: false, hostOrInstance: instance, host: 'compute1' },
  })
}

/** An operation that has nothing but its instance. */
export function simple(
  name:
    | 'stopInstance'
    | 'startInstance'
    | 'pauseInstance'
    | 'unpauseInstance'
    | 'suspendInstance'
    | 'resumeInstance'
    | 'softDeleteInstance'
    | 'restoreInstance',
  taskState: string,
) {
  const act = async (cell: Cell, server: Server) => {
    const instance = await taken(cell, server, name, { task_state: taskState })
    await cell.api[name](cell.userCtx, { instance })
  }
  return Object.defineProperty(act, 'name', { value: name })
}

export async function rescue(cell: Cell, server: Server): Promise<void> {
  const instance = await taken(cell, server, 'rescue', { task_state: 'rescuing' })
  await cell.api.rescueInstance(cell.userCtx, { instance, rescuePassword: 'secret', cleanShutdown: true, rescueImageRef: null })
}

export async function unrescue(cell: Cell, server: Server): Promise<void> {
  const instance = await taken(cell, server, 'unrescue', { task_state: 'unrescuing' })
  await cell.api.unrescueInstance(cell.userCtx, { instance })
}
