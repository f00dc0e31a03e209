import type { Instance, RequestContext } from '@micronova/model'
import type { ComputeParts } from './parts.js'

/**
 * Does `host` have the same disks of the instance as this one? Then they must outlive the guest that is removed here. If it
 * cannot be found out they count as shared: a disk too many can be removed later.
 *
 * @param host default: where the instance is now
 * @see nova 26.2.2, `compute/manager.py`, `_is_instance_storage_shared`
 */
export async function hasSharedDisks(
  { driver, computes, log }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  host?: string,
): Promise<boolean> {
  const storage = driver.sharedStorage
  if (storage === undefined) return false
  let mark: unknown = null
  try {
    mark = await storage.leaveMark(ctx, instance)
    if (mark === null) return true
    return await computes.checkInstanceSharedStorage(ctx, { instance, data: mark, ...(host === undefined ? {} : { host }) })
  } catch (err) {
    log.error('It could not be found out whether the disks are shared; they are kept', { err, instanceUuid: instance.uuid })
    return true
  } finally {
    if (mark !== null) await removeMark()
  }

  async function removeMark(): Promise<void> {
    try {
      await storage?.removeMark(ctx, mark)
    } catch (err) {
      log.warning('A mark beside the disks could not be removed', { err, instanceUuid: instance.uuid })
    }
  }
}
