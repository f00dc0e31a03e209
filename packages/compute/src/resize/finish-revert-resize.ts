import type { Instance, RequestContext } from '@micronova/model'
import { providerMappingsOf } from '../network/provider-mappings.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import { stopWithin } from '../operations/stop-within.js'
import type { ComputeParts } from '../parts.js'
import { completeVolumeAttachments, reconnectVolumes } from '../volume/instance-volumes.js'
import { returnAllocations } from './allocations.js'
import { ranBefore } from './instance-size.js'
import { decodeMove, type MoveRequest } from './request.js'
import { placeBack, returnToSource } from './return-to-source.js'

/** At the source: the guest comes back as it was. Wire: `finish_revert_resize`, cast, compute 5.0 to 6.0. */
export const finishRevertResize = defineOperation({
  method: 'finish_revert_resize',
  parameters: ['instance', 'migration', 'request_spec'],
  policy: { lock: 'run', event: 'compute_finish_revert_resize', recordFault: true, revertTaskState: true, failMigration: true },
  decode: decodeMove,
  async run(parts, ctx, request, signal) {
    const { instance } = request
    await returnToSource(parts, ctx, instance, () => comeBack(parts, ctx, request, signal))
    await parts.notifications.action(ctx, instance, 'resize_revert', 'end')
  },
})

/** @see nova 26.2.2, `compute/manager.py`, `_finish_revert_resize` */
async function comeBack(parts: ComputeParts, ctx: RequestContext, request: MoveRequest, signal: AbortSignal): Promise<void> {
  const { stores, driver, clock, log } = parts
  const { instance, migration } = request
  const blockDevices = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  const powerOn = ranBefore(instance)
  await placeBack(parts, ctx, request)
  await returnAllocations(parts, ctx, instance, migration)
  const network = await movePorts(parts, ctx, request)
  const resizing = driver.resizing ?? notImplemented()
  await reconnectVolumes(parts, ctx, instance, blockDevices)
  await resizing.finishRevertMigration(ctx, { instance, network, blockDevices }, { migration, powerOn }, signal)
  await completeVolumeAttachments(parts, ctx, blockDevices)
  await stores.instances.dropMigrationContext(ctx, instance)
  instance.launched_at = new Date(clock.now())
  await stores.instances.save(ctx, instance, { expectedTaskState: ['resize_reverting'] })
  log.info(`The instance is ${powerOn ? 'active' : 'stopped'} again`, { instanceUuid: instance.uuid })
  if (powerOn) await setActive(parts, ctx, instance)
  else await stopAgain(parts, ctx, instance, signal)
}

async function movePorts({ networks }: ComputeParts, ctx: RequestContext, { instance, migration, requestSpec }: MoveRequest) {
  const source = migration.source_compute ?? ''
  await networks.setupNetworksOnHost(ctx, instance, source)
  await networks.migrateInstanceFinish(ctx, instance, source, { providerMappings: providerMappingsOf(requestSpec) })
  return networks.networkInfo(ctx, instance)
}

async function setActive({ stores }: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  instance.vm_state = 'active'
  instance.task_state = null
  await stores.instances.save(ctx, instance)
}

/** The driver has left it off; the stop says so in the record, and to whoever follows the instance's actions. */
async function stopAgain(parts: ComputeParts, ctx: RequestContext, instance: Instance, signal: AbortSignal): Promise<void> {
  instance.task_state = 'powering-off'
  await parts.stores.instances.save(ctx, instance)
  await stopWithin(parts, ctx, instance, { clean: true }, signal)
}
