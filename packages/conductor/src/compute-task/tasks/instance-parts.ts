import {
  type BlockDeviceMapping,
  BlockDeviceMappingList,
  type BuildRequest,
  type Flavor,
  Instance,
  type RequestContext,
  TagList,
} from '@micronova/model'
import type { CellScope } from '../compute-task-deps.js'
import type { BuildOrder } from './build-plan.js'

/** The instance of a build request as one that is new to a cell: everything that is set is to be written. */
export function newInstance({ instance }: BuildRequest): Instance {
  // Tags have a table of their own, and are written with the request's.
  const { tags: _tags, ...values } = instance.objGetSet()
  return new Instance(values as ConstructorParameters<typeof Instance>[0])
}

/** Write the disks that were asked for, as those of this instance. */
export async function createBlockDevices(
  { stores }: CellScope,
  ctx: RequestContext,
  instance: Instance,
  asked: BlockDeviceMappingList | null,
): Promise<BlockDeviceMappingList> {
  const mappings = (asked?.objects ?? []).map((mapping) => mapping.objClone())
  for (const mapping of mappings) {
    mapping.volume_size = sizeOf(instance.flavor, mapping)
    mapping.instance_uuid = instance.uuid
    await stores.blockDeviceMappings.updateOrCreate(ctx, mapping)
  }
  return new BlockDeviceMappingList({ objects: mappings })
}

/** Blank local disks without a size have the flavor's, in GiB; swap has MiB. */
function sizeOf(flavor: Flavor, mapping: BlockDeviceMapping): number | null {
  const size = mapping.objIsSet('volume_size') ? mapping.volume_size : null
  if (size !== null || mapping.source_type !== 'blank' || mapping.destination_type !== 'local') return size
  return mapping.guest_format === 'swap' ? flavor.swap : flavor.ephemeral_gb
}

/** @returns those that the instance has now; none were asked for: an empty list, without a look at the database */
export async function createTags(
  { stores }: CellScope,
  ctx: RequestContext,
  uuid: string,
  { tags }: Pick<BuildOrder, 'tags'>,
): Promise<TagList> {
  if (tags === null || tags.objects.length === 0) return new TagList()
  return stores.tags.replace(
    ctx,
    uuid,
    tags.objects.map(({ tag }) => tag),
  )
}
