import type { BlockDeviceMapping, Instance, RequestContext } from '@micronova/model'
import { forgetHost } from '../instance-state.js'
import type { ComputeParts } from '../parts.js'
import { reserveVolumes } from '../volume/instance-volumes.js'

/** Fields of an instance that would have effects of their own while its guest is made again. */
export interface ScrubbedFields {
  readonly imageRef: string | null
  readonly keyData: string | null
  readonly autoDiskConfig: boolean
}

/** In memory; written with the claim, as upstream does. */
export function scrub(instance: Instance): ScrubbedFields {
  const fields = fieldsOf(instance)
  instance.key_data = null
  instance.auto_disk_config = false
  return fields
}

export function unscrub(instance: Instance, { imageRef, keyData, autoDiskConfig }: ScrubbedFields): void {
  instance.image_ref = imageRef
  instance.key_data = keyData
  instance.auto_disk_config = autoDiskConfig
}

export function fieldsOf({ image_ref, key_data, auto_disk_config }: Instance): ScrubbedFields {
  return { imageRef: image_ref, keyData: key_data, autoDiskConfig: auto_disk_config }
}

/**
 * The guest is gone, or was never made: the instance is shelved as it was, without a host, and nothing is held for it. In
 * memory; its caller saves it together with its task state.
 */
export async function abandonUnshelve(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  before: ScrubbedFields,
  blockDevices: readonly BlockDeviceMapping[],
): Promise<void> {
  unscrub(instance, before)
  forgetHost(instance)
  const tryTo = async (what: string, work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (err) {
      parts.log.error(`Could not ${what} of an instance that stays shelved`, { err, instanceUuid: instance.uuid })
    }
  }
  await tryTo('delete the allocations', () => parts.placement.deleteAllocations(ctx, instance.uuid, { force: true }))
  await tryTo('disconnect the volumes', () => reserveVolumes(parts, ctx, instance, blockDevices))
}
