import { novaError } from '@micronova/model'
import type { ComputeParts } from '../parts.js'
import type { RebuildRequest } from './request.js'

/**
 * May the guest be made here?
 *
 * @returns whether its disks are here already
 * @throws NovaError `InstanceEvacuateNotSupported`, `InstanceExists`; `InvalidSharedStorage` if an operator believes otherwise
 */
export async function checkEvacuation(
  { driver, log }: Pick<ComputeParts, 'driver' | 'log'>,
  { instance, onSharedStorage }: Pick<RebuildRequest, 'instance' | 'onSharedStorage'>,
): Promise<boolean> {
  if (driver.evacuating === undefined) throw novaError('InstanceEvacuateNotSupported')
  if (await driver.guestExists(instance.uuid)) throw novaError('InstanceExists', { name: instance.uuid })
  const hasDisks = await driver.evacuating.hasDisks(instance)
  if (onSharedStorage !== null && onSharedStorage !== hasDisks)
    throw novaError('InvalidSharedStorage', {}, 'Invalid state of instance files on shared storage')
  const source = hasDisks ? 'its disks, which are here' : instance.image_ref ? `the image ${instance.image_ref}` : 'its volume'
  log.info(`The guest is made of ${source}`, { instanceUuid: instance.uuid })
  return hasDisks
}
