import type { BlockDeviceMapping, BlockDeviceMappingList, Instance, Migration, RequestSpec } from '@micronova/model'
import type { WireArguments } from '../operation.js'
import type { ClaimLimits } from '../resource-tracker/index.js'

/** The arguments of `rebuild_instance`. */
export interface RebuildRequest {
  readonly instance: Instance
  /** Before it was asked for. */
  readonly former: { readonly imageRef: string | null; readonly systemMetadata: Readonly<Record<string, string | null>> | null }
  /** Null: an evacuation, which keeps the image, or a guest that boots from a volume. */
  readonly imageId: string | null
  readonly adminPassword: string | null
  readonly injectedFiles: readonly (readonly [path: string, base64: string])[]
  /** Null: to be read. */
  readonly blockDevices: readonly BlockDeviceMapping[] | null
  /** The host that the guest was on is gone: it is made anew here. Upstream's `recreate`. */
  readonly isEvacuation: boolean
  /** Null: the driver knows. */
  readonly onSharedStorage: boolean | null
  readonly preserveEphemeral: boolean
  /** Only evacuations have one. */
  readonly migration: Migration | null
  /** Null: the instance's own, or the driver's only one. */
  readonly node: string | null
  readonly limits: ClaimLimits
  readonly requestSpec: RequestSpec | null
  readonly reimageBootVolume: boolean
}

export function decodeRebuild(args: WireArguments): RebuildRequest {
  return {
    instance: args.instance as Instance,
    former: {
      imageRef: (args.orig_image_ref as string | null) || null,
      systemMetadata: (args.orig_sys_metadata ?? null) as RebuildRequest['former']['systemMetadata'],
    },
    imageId: (args.image_ref as string | null) || null,
    adminPassword: args.new_pass as string | null,
    injectedFiles: (args.injected_files ?? []) as RebuildRequest['injectedFiles'],
    blockDevices: (args.bdms as BlockDeviceMappingList | null)?.objects ?? null,
    isEvacuation: args.recreate === true,
    onSharedStorage: (args.on_shared_storage ?? null) as boolean | null,
    preserveEphemeral: args.preserve_ephemeral === true,
    migration: (args.migration ?? null) as Migration | null,
    node: (args.scheduled_node ?? null) as string | null,
    limits: (args.limits ?? {}) as ClaimLimits,
    requestSpec: (args.request_spec ?? null) as RequestSpec | null,
    reimageBootVolume: args.reimage_boot_volume === true,
  }
}
