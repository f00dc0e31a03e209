import type { BlockDeviceMapping, Flavor, Instance, RequestContext } from '@micronova/model'
import type { NetworkInfo } from '@micronova/virt'
import { ensureLoaded } from '../instance-attributes.js'
import { providerMappingsOf } from '../network/provider-mappings.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { applyMigrationContext } from '../resource-tracker/index.js'
import { completeVolumeAttachments, reconnectVolumes } from '../volume/instance-volumes.js'
import { dropSourceAllocations } from './allocations.js'
import { ranBefore, setSize } from './instance-size.js'
import { decodeFinishResize, type FinishResizeRequest } from './request.js'
import { withinMove } from './within-move.js'

/**
 * At the destination: make the guest of the disks that have come. Wire: `finish_resize`, cast, compute 5.0 to 6.0.
 *
 * After a failure the instance stays here, in ERROR with the size it had: its disks and ports are here, and a hard reboot may
 * bring it up. So what it has at its source is given up.
 */
export const finishResize = defineOperation({
  method: 'finish_resize',
  parameters: ['disk_info', 'image', 'instance', 'migration', 'request_spec'],
  policy: {
    lock: 'run',
    event: 'compute_finish_resize',
    recordFault: true,
    notify: 'resize_finish',
    revertTaskState: true,
    failMigration: true,
  },
  decode: decodeFinishResize,
  async run(parts, ctx, request, signal) {
    const { instance, migration } = request
    await ensureLoaded(parts.stores, ctx, instance, ['info_cache', 'flavor', 'system_metadata', 'migration_context'])
    try {
      await withinMove(parts, ctx, instance, 'active', () => arrive(parts, ctx, request, signal))
    } catch (err) {
      parts.log.info(`The allocations on the source ${migration.source_compute} are given up, as the instance stays here`, {
        instanceUuid: instance.uuid,
      })
      await dropSourceAllocations(parts, ctx, instance, migration)
      throw err
    }
    await parts.scheduler.update(ctx, [instance])
  },
})

/** @see nova 26.2.2, `compute/manager.py`, `_finish_resize` */
async function arrive(parts: ComputeParts, ctx: RequestContext, request: FinishResizeRequest, signal: AbortSignal): Promise<void> {
  const { stores, clock } = parts
  const { instance, migration } = request
  const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  const before = instance.flavor
  instance.old_flavor = before
  if (migration.old_instance_type_id !== migration.new_instance_type_id && instance.new_flavor) setSize(instance, instance.new_flavor)
  applyMigrationContext(instance, 'new')
  const network = await movePorts(parts, ctx, request)
  instance.task_state = 'resize_finish'
  await stores.instances.save(ctx, instance, { expectedTaskState: ['resize_migrated'] })
  try {
    await makeGuest(parts, ctx, request, { network, blockDevices, before }, signal)
  } catch (err) {
    setSize(instance, before)
    throw err
  }
  migration.status = 'finished'
  await stores.migrations.save(ctx, migration)
  instance.vm_state = 'resized'
  instance.task_state = null
  instance.launched_at = new Date(clock.now())
  await stores.instances.save(ctx, instance, { expectedTaskState: ['resize_finish'] })
}

/** The ports are this host's from now on, whatever becomes of the guest. */
async function movePorts({ networks }: ComputeParts, ctx: RequestContext, { instance, migration, requestSpec }: FinishResizeRequest) {
  const destination = migration.dest_compute ?? ''
  await networks.setupNetworksOnHost(ctx, instance, destination)
  await networks.migrateInstanceFinish(ctx, instance, destination, { providerMappings: providerMappingsOf(requestSpec) })
  return networks.networkInfo(ctx, instance)
}

interface Arriving {
  readonly network: NetworkInfo
  readonly blockDevices: readonly BlockDeviceMapping[]
  /** The size that the guest had. */
  readonly before: Flavor
}

async function makeGuest(
  parts: ComputeParts,
  ctx: RequestContext,
  { instance, migration, diskInfo, image }: FinishResizeRequest,
  { network, blockDevices, before }: Arriving,
  signal: AbortSignal,
): Promise<void> {
  const { driver, log } = parts
  const resizing = driver.resizing ?? notImplemented()
  const arrival = { migration, diskInfo, image, resizeDisks: hasOtherDisks(before, instance), powerOn: ranBefore(instance) }
  await reconnectVolumes(parts, ctx, instance, blockDevices)
  await resizing.finishMigration(ctx, { instance, network, blockDevices }, arrival, signal)
  await completeVolumeAttachments(parts, ctx, blockDevices)
  log.info(`The guest has arrived from ${migration.source_compute}`, { instanceUuid: instance.uuid })
}

function hasOtherDisks(before: Flavor, { flavor }: Instance): boolean {
  return (['root_gb', 'swap', 'ephemeral_gb'] as const).some((name) => before[name] !== flavor[name])
}
