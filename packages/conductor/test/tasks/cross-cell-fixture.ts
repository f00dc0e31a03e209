import { systemRandom } from '@micronova/lifecycle'
import {
  BlockDeviceMapping,
  type CellStores,
  type Instance,
  InstanceInfoCache,
  type Migration,
  MigrationContext,
  novaRegistry,
  type RequestSpec,
} from '@micronova/model'
import { type Answers, type Cleanup, cell2Uuid, type TestDeployment, testDeployment } from './deployment.js'
import { aFlavor, aSelection, runningInstance } from './orders.js'

export const larger = () => aFlavor({ id: 2, name: 'm1.small', memory_mb: 1024 })

/** A deployment whose second cell has compute9, to which the scheduler sends what it is asked for. */
export interface TwoCells {
  readonly deployment: TestDeployment
  /** A further instance, with a port and a volume, on compute1. */
  crossing(): Promise<CrossCell>
}

export interface CrossCell {
  readonly deployment: TestDeployment
  readonly instance: Instance
  readonly spec: RequestSpec
  readonly port: string
  /** That the instance has of its volume on its source. */
  readonly attachment: string
  resize(): Promise<unknown>
  /** What the API does when the user has decided. @returns the rest, which the conductor does */
  decide(decision: 'confirm' | 'revert'): Promise<() => Promise<unknown>>
}

export async function twoCells(
  t: Cleanup,
  options: { before?(request: string): void | Promise<void>; readonly computes?: Answers } = {},
): Promise<TwoCells> {
  let deployment: TestDeployment
  const ports = new Map<string, string>()
  const scheduler = {
    select_destinations: async ({ instance_uuids: [uuid] }: { instance_uuids: [string] }) => [[await select(deployment, uuid)]],
  }
  const compute = { ...computes(() => ({ deployment, ports })), ...options.computes }
  const { before = () => {} } = options
  deployment = await testDeployment(t, { hosts: ['compute1'], hostsOfCell2: ['compute9'], scheduler, compute, before })
  const { cell1, cell2, clients, ctx } = deployment
  for (const { uuid } of [...(await cell1.computeNodes.listAll(ctx)), ...(await cell2.computeNodes.listAll(ctx))]) {
    const { generation } = await clients.placement.getResourceProvider(ctx, uuid)
    const inventories = { VCPU: { total: 1000 }, MEMORY_MB: { total: 1_000_000 } }
    await clients.placement.putInventories(ctx, uuid, { resource_provider_generation: generation, inventories })
  }
  return { deployment, crossing: () => crossing(deployment, ports) }
}

export async function crossCell(t: Cleanup, options: Parameters<typeof twoCells>[1] = {}): Promise<CrossCell> {
  return (await twoCells(t, options)).crossing()
}

async function crossing(deployment: TestDeployment, ports: Map<string, string>): Promise<CrossCell> {
  const { cell1, clients, ctx, run } = deployment
  const network = clients.neutron.addNetwork()
  const { id: port } = await clients.neutron.createPort(ctx, { network_id: network.id, 'binding:host_id': 'compute1' }, { auth: 'admin' })
  const vifs = [{ id: port, address: 'fa:16:3e:00:00:01', type: 'ovs', vnic_type: 'normal', profile: {} }]
  const { instance, spec } = await runningInstance(deployment, 'compute1', {
    task_state: 'resize_prep',
    system_metadata: { image_min_disk: '1', image_hw_disk_bus: 'virtio', image_img_signature: 'x' },
    metadata: { role: 'db' },
    info_cache: InstanceInfoCache.objStored({ network_info: JSON.stringify(vifs) as never }),
  })
  const { uuid } = instance
  ports.set(uuid, port)
  const volume = clients.cinder.addVolume().id
  const attachment = (await clients.cinder.createAttachment(ctx, { volumeId: volume, instanceUuid: uuid })).id
  await cell1.blockDeviceMappings.create(ctx, aVolume(uuid, volume, attachment))
  await cell1.tags.replace(ctx, uuid, ['red'])
  await cell1.actions.start(ctx, uuid, 'resize')
  const request = { live: false, rebuild: false, flavor: larger(), clean_shutdown: true, scheduler_hint: { filter_properties: {} } }
  return {
    deployment,
    instance,
    spec,
    port,
    attachment,
    resize: () => run('migrate_server', { ...request, instance, request_spec: spec }),
    decide: (decision) => decide(deployment, uuid, decision),
  }
}

export function aVolume(instance_uuid: string, volume_id: string, attachment_id: string, device_name = '/dev/vdb'): BlockDeviceMapping {
  const values = { source_type: 'volume', destination_type: 'volume', device_type: 'disk', boot_index: null } as const
  return new BlockDeviceMapping({ ...values, instance_uuid, volume_id, attachment_id, device_name, no_device: false })
}

/** The choice, and the claim that comes with it. */
async function select({ cell2, clients, ctx }: TestDeployment, uuid: string) {
  const resources = { VCPU: 1, MEMORY_MB: 1024 }
  const chosen = await aSelection({ cell1: cell2, ctx }, 'compute9', resources, cell2Uuid)
  const allocations = { [chosen.compute_node_uuid]: { resources } }
  const { consumer_generation = null } = await clients.placement.getAllocations(ctx, uuid)
  await clients.placement.putAllocations(ctx, uuid, { allocations, project_id: 'p1', user_id: 'u1', consumer_generation })
  return chosen.objToPrimitive()
}

async function decide({ cell2, ctx, run }: TestDeployment, uuid: string, decision: 'confirm' | 'revert') {
  const of = { ...ctx, requestId: `req-${systemRandom.uuid()}` }
  const instance = await cell2.instances.getByUuid(of, uuid, ['flavor', 'system_metadata', 'info_cache'])
  const [migration] = await cell2.migrations.listByFilters(of, { instance_uuid: uuid })
  migration!.status = decision === 'revert' ? 'reverting' : 'confirming'
  await cell2.migrations.save(of, migration!)
  if (decision === 'revert') instance.task_state = 'resize_reverting'
  await cell2.instances.save(of, instance)
  await cell2.actions.start(of, uuid, `${decision}Resize`)
  return () => run(`${decision}_snapshot_based_resize`, { instance, migration }, of)
}

interface Surroundings {
  readonly deployment: TestDeployment
  /** By instance. */
  readonly ports: ReadonlyMap<string, string>
}

/** What computes do of which the conductor sees something: records, the active binding, allocations. */
function computes(surroundings: () => Surroundings): Answers {
  const registry = novaRegistry()
  const arrived = ({ instance, migration }: Readonly<Record<string, unknown>>) => ({
    instance: registry.fromPrimitive(instance as never) as Instance,
    migration: registry.fromPrimitive(migration as never) as Migration,
  })
  const write = async (stores: CellStores, { instance, migration }: ReturnType<typeof arrived>, values: object, moved: object) => {
    const { ctx } = surroundings().deployment
    const stored = await stores.instances.getByUuid(ctx, instance.uuid, ['flavor', 'migration_context'])
    await stores.instances.save(ctx, Object.assign(stored, values))
    const record = await stores.migrations.getByUuid(ctx, migration.uuid)
    await stores.migrations.save(ctx, Object.assign(record, moved))
  }
  const activate = async (args: Readonly<Record<string, unknown>>, host: string) => {
    const { deployment, ports } = surroundings()
    const port = ports.get(arrived(args).instance.uuid) ?? ''
    await deployment.clients.neutron.activatePortBinding(deployment.ctx, port, host).catch(() => {})
  }
  return {
    prep_snapshot_based_resize_at_dest: async (args: Readonly<Record<string, unknown>>) => {
      const { cell2 } = surroundings().deployment
      const got = arrived(args)
      const context = new MigrationContext({ instance_uuid: got.instance.uuid, migration_id: got.migration.id })
      const place = { dest_compute: 'compute9', dest_node: 'compute9', dest_host: '192.0.2.9' }
      await write(cell2, got, { migration_context: context }, place)
      return context.objToPrimitive()
    },
    prep_snapshot_based_resize_at_source: async (args: Readonly<Record<string, unknown>>) => {
      await write(surroundings().deployment.cell1, arrived(args), { task_state: 'resize_migrated' }, { status: 'post-migrating' })
      await activate(args, 'compute9')
    },
    finish_snapshot_based_resize_at_dest: async (args: Readonly<Record<string, unknown>>) => {
      const there = { vm_state: 'resized', task_state: null, host: 'compute9', node: 'compute9', instance_type_id: 2 }
      await write(surroundings().deployment.cell2, arrived(args), there, { status: 'finished' })
      await activate(args, 'compute9')
    },
    confirm_snapshot_based_resize_at_source: async (args: Readonly<Record<string, unknown>>) => {
      const { clients, ctx } = surroundings().deployment
      await clients.placement.deleteAllocations(ctx, arrived(args).migration.uuid)
    },
    revert_snapshot_based_resize_at_dest: (args: Readonly<Record<string, unknown>>) => activate(args, 'compute1'),
    finish_revert_snapshot_based_resize_at_source: async (args: Readonly<Record<string, unknown>>) => {
      await write(surroundings().deployment.cell1, arrived(args), { vm_state: 'active', task_state: null }, { status: 'reverted' })
    },
  }
}
