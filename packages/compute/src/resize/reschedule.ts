import type { Flavor, Instance, RequestContext } from '@micronova/model'
import { recordFault, traceback } from '@micronova/rpcapi'
import { updateUsage } from '../instance-state.js'
import type { ComputeParts } from '../parts.js'
import type { PrepResizeRequest } from './request.js'

/**
 * Another host may take what this one could not. The fault says why this one could not.
 *
 * @returns false if there is no other host, or the conductor does not find one
 */
export async function rescheduleResize(
  parts: ComputeParts,
  ctx: RequestContext,
  { instance, flavor, filterProperties, cleanShutdown, requestSpec, hostList }: PrepResizeRequest & { readonly flavor: Flavor },
  failure: unknown,
): Promise<boolean> {
  const { retry } = filterProperties
  if (!retry || Object.keys(retry).length === 0) return false
  parts.log.info('The resize goes to another host', { err: failure, instanceUuid: instance.uuid })
  try {
    await backToPreparation(parts, ctx, instance)
    const exc = traceback(failure).split(/(?<=\n)/)
    await parts.conductor.migrateServer(ctx, {
      instance,
      schedulerHint: { filter_properties: { ...filterProperties, retry: { ...retry, exc } } },
      live: false,
      rebuild: false,
      flavor,
      blockMigration: null,
      diskOverCommit: null,
      reservations: null,
      cleanShutdown,
      requestSpec,
      hostList,
    })
  } catch (err) {
    parts.log.error('The resize cannot go to another host', { err, instanceUuid: instance.uuid })
    await tellFailure(parts, ctx, instance, err)
    return false
  }
  await tellFailure(parts, ctx, instance, failure)
  return true
}

async function tellFailure(parts: ComputeParts, ctx: RequestContext, instance: Instance, failure: unknown): Promise<void> {
  await recordFault(parts, ctx, instance, failure)
  await parts.notifications.action(ctx, instance, 'resize', 'error', { failure })
}

async function backToPreparation(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  instance.task_state = 'resize_prep'
  await parts.stores.instances.save(ctx, instance)
  await updateUsage(parts, ctx, instance)
}
