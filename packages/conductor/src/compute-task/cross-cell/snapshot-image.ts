import { type ImageMeta, ImageService, isClientError } from '@micronova/clients'
import { type Instance, type RequestContext, rememberedImage } from '@micronova/model'
import type { ComputeTaskDeps } from '../compute-task-deps.js'

/** Of a volume, a signature, or Glance itself: they do not hold for an image of the guest. @see nova 26.2.2, `compute/utils.py` */
const neverInherited = [
  'cinder_encryption_key_id',
  'cinder_encryption_key_deletion_policy',
  'img_signature',
  'img_signature_hash_method',
  'img_signature_key_type',
  'img_signature_certificate_uuid',
]
const reservedNamespace = 'os_glance'

/** An image without data yet, for the root disk of the instance; its formats are known when it is uploaded. @returns its id */
export async function createSnapshotImage(
  { clients, settings }: ComputeTaskDeps,
  ctx: RequestContext,
  instance: Instance,
): Promise<string> {
  const { disk_format: _, container_format: __, properties, min_ram, min_disk } = rememberedImage(instance.system_metadata)
  const dropped = [...neverInherited, ...settings.nonInheritableImageProperties]
  const inherited = Object.entries(properties).filter(([name]) => !dropped.includes(name) && !name.startsWith(reservedNamespace))
  const meta: Partial<ImageMeta> = {
    name: `${instance.display_name}-resize-temp`,
    is_public: false,
    ...(min_ram === undefined ? {} : { min_ram: Number(min_ram) }),
    ...(min_disk === undefined ? {} : { min_disk: Number(min_disk) }),
    properties: { ...Object.fromEntries(inherited), instance_uuid: instance.uuid, user_id: ctx.userId, image_type: 'snapshot' },
  }
  return (await new ImageService(clients.glance).create(ctx, meta, null)).id
}

/** That it is gone is fine: the compute that could not fill it has deleted it. */
export async function deleteSnapshotImage({ clients }: ComputeTaskDeps, ctx: RequestContext, imageId: string): Promise<void> {
  try {
    await clients.glance.deleteImage(ctx, imageId)
  } catch (err) {
    if (!isClientError(err, 'not_found')) throw err
  }
}
