import { ImageService, isClientError } from '@micronova/clients'
import { type Instance, isNovaError, novaError, type RequestContext, type RequestSpec } from '@micronova/model'
import { messageOf, recordFault } from '@micronova/rpcapi'
import type { CellScope, ComputeTaskDeps } from '../compute-task-deps.js'
import { filterPropertiesOf, noteSelection } from '../filter-properties.js'
import { completeRequest, requestPortResources, resetForcedDestinations, restrictToCell } from '../prepare-request.js'
import { fillProviderMapping, refuseAccelerators } from '../provider-mapping.js'
import { schedule } from '../schedule.js'
import { asEvent } from '../scope.js'
import { zoneOf } from '../zones.js'

/**
 * Take an instance off the shelf: one that still has its host is started there, any other gets a host and is built from its snapshot.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `unshelve_instance`
 */
export async function unshelveInstance(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  instance: Instance,
  spec: RequestSpec | null,
): Promise<void> {
  const { instances } = scope.stores
  if (instance.vm_state === 'shelved') {
    instance.task_state = 'powering-on'
    await instances.save(ctx, instance, { expectedTaskState: ['unshelving'] })
    return scope.compute.startInstance(ctx, { instance })
  }
  if (instance.vm_state !== 'shelved_offloaded') {
    deps.log.error('Unshelve attempted but vm_state not SHELVED or SHELVED_OFFLOADED', { instanceUuid: instance.uuid, context: ctx })
    instance.vm_state = 'error'
    return instances.save(ctx, instance)
  }
  const image = await shelvedImage(deps, scope, ctx, instance)
  try {
    await asEvent(deps, scope, ctx, instance.uuid, 'schedule_instances', () => buildAgain(deps, scope, ctx, instance, spec, image))
  } catch (err) {
    instance.task_state = null
    await instances.save(ctx, instance)
    const isExpected = isNovaError(err, 'NoValidHost') || isNovaError(err, 'UnsupportedPolicyException')
    const why = messageOf(err)
    deps.log.warning(
      `${isExpected ? 'No valid host found for unshelve instance' : 'Unshelve attempted but an error has occurred'}: ${why}`,
      {
        instanceUuid: instance.uuid,
        context: ctx,
      },
    )
    if (!isExpected) throw err
  }
}

/** null: it boots from a volume, of which no image was made. @throws NovaError `UnshelveException` */
async function shelvedImage(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  instance: Instance,
): Promise<Readonly<Record<string, unknown>> | null> {
  const { uuid } = instance
  if (!instance.objIsSet('system_metadata')) await scope.stores.instances.load(ctx, instance, ['system_metadata'])
  const imageId = instance.system_metadata.shelved_image_id
  if (!imageId) return null
  return asEvent(deps, scope, ctx, uuid, 'get_image_info', async () => {
    try {
      return { ...(await new ImageService(deps.clients.glance).show(ctx, imageId)) }
    } catch (err) {
      if (!isClientError(err, 'not_found') && !isNovaError(err, 'ImageNotFound')) throw err
      instance.vm_state = 'error'
      await scope.stores.instances.save(ctx, instance)
      const reason = `Unshelve attempted but the image ${imageId} cannot be found.`
      deps.log.error(reason, { instanceUuid: uuid, context: ctx })
      await recordFault({ host: deps.host, stores: scope.stores }, ctx, instance, err, reason)
      throw novaError('UnshelveException', { instance_id: uuid, reason }, { cause: err })
    }
  })
}

async function buildAgain(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  instance: Instance,
  given: RequestSpec | null,
  image: Readonly<Record<string, unknown>> | null,
): Promise<void> {
  const { uuid } = instance
  const spec = given ?? (await deps.deployment?.api.requestSpecs.getByInstanceUuid(ctx, uuid))
  if (spec === undefined) throw novaError('RequestSpecNotFound', { instance_uuid: uuid })
  resetForcedDestinations(spec)
  const properties = filterPropertiesOf(spec)
  refuseAccelerators(spec.flavor)
  await requestPortResources(deps, ctx, spec, uuid)
  restrictToCell(spec, scope)
  await completeRequest(deps, scope, ctx, spec, instance)
  const [hosts] = await schedule(deps, ctx, spec, [uuid], { alternates: false, scope })
  const selection = hosts![0]!
  noteSelection(properties, selection)
  instance.availability_zone = await zoneOf(deps, ctx, selection.service_host)
  fillProviderMapping(spec, selection)
  await scope.compute.unshelveInstance(ctx, {
    host: selection.service_host,
    instance,
    image,
    filterProperties: properties,
    node: selection.nodename,
    requestSpec: spec,
    accelUuids: [],
  })
}
