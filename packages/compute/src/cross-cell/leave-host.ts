import { type Instance, isNovaError, type RequestContext } from '@micronova/model'
import type { ComputeParts } from '../parts.js'

/** The ports keep no binding here. The guest is gone already, so what goes wrong is logged. */
export async function removePortBindings({ networks, host, log }: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  try {
    await networks.cleanupInstanceNetworkOnHost(ctx, instance, host)
  } catch (err) {
    if (!isNovaError(err, 'PortBindingDeletionFailed')) throw err
    log.error('The bindings of the ports to this host could not be deleted', { err, instanceUuid: instance.uuid })
  }
}
