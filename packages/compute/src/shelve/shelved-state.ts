import { type Instance, isNovaError, type RequestContext } from '@micronova/model'
import type { ComputeParts } from '../parts.js'

/** Kept with a shelved instance: when, as which image, and where it was shelved. */
export function rememberShelving(instance: Instance, imageId: string, host: string, atMs: number): void {
  instance.system_metadata = {
    ...instance.system_metadata,
    shelved_at: pythonTime(atMs),
    shelved_image_id: imageId,
    shelved_host: host,
  }
}

/** It is an ordinary instance again. */
export function forgetShelving(instance: Instance): void {
  const { shelved_at, shelved_image_id, shelved_host, ...others } = instance.system_metadata ?? {}
  if (shelved_at ?? shelved_image_id ?? shelved_host) instance.system_metadata = others
}

/** In UTC; null if it is not known. */
export function shelvedAtMs(instance: Instance): number | null {
  const at = Date.parse(`${instance.system_metadata.shelved_at}Z`)
  return Number.isNaN(at) ? null : at
}

/** Python's `isoformat()`, whose readers want six digits after the point and no zone. */
function pythonTime(atMs: number): string {
  return new Date(atMs).toISOString().replace(/Z$/, '000')
}

/** Of an instance that is back: its image is of no use any more. That it cannot be deleted is no reason to fail. */
export async function deleteShelvedImage(
  { images, log }: Pick<ComputeParts, 'images' | 'log'>,
  ctx: RequestContext,
  instance: Instance,
  imageId: string,
): Promise<void> {
  try {
    await images.delete(ctx, imageId)
  } catch (err) {
    const level = isNovaError(err, 'ImageNotFound') || isNovaError(err, 'ImageNotAuthorized') ? 'warning' : 'error'
    log[level](`The image ${imageId}, as which the instance was shelved, could not be deleted`, { err, instanceUuid: instance.uuid })
  }
}
