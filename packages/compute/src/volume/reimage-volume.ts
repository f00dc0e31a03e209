import { type BlockDeviceMapping, type Instance, novaError, type RequestContext } from '@micronova/model'
import type { ImageDescription } from '@micronova/virt'
import type { ComputeParts } from '../parts.js'

const gib = 1024 ** 3

/**
 * Write an image over the volume that a guest boots from, which is kept for it meanwhile, and wait until Cinder says that it
 * is there. How long depends on the image: `reimage_timeout_per_gb`.
 *
 * @throws NovaError `BuildAbortException` if Cinder could not, or does not say in time that it has
 * @see nova 26.2.2, `compute/manager.py`, `_rebuild_volume_backed_instance`
 */
export async function reimageRootVolume(
  { events, volumes, settings }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  mappings: readonly BlockDeviceMapping[],
  image: ImageDescription,
): Promise<void> {
  const volumeId = mappings.find(({ boot_index }) => boot_index === 0)?.volume_id ?? ''
  const timeoutSeconds = settings.volumes.reimageSecondsPerGb * Math.max(1, Math.ceil(Number(image.size ?? 0) / gib))
  const onFailure = () => {
    throw novaError('ReimageException')
  }
  try {
    await events.waitFor(instance, [{ name: 'volume-reimaged', tag: volumeId }], { timeoutSeconds, onFailure }, () =>
      volumes.reimage(ctx, volumeId, String(image.id)),
    )
  } catch (cause) {
    const reason = 'Failed to rebuild volume backed instance.'
    throw novaError('BuildAbortException', { instance_uuid: instance.uuid, reason }, { cause })
  }
}
