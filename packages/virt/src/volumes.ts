import type { BlockDeviceMapping, Instance, RequestContext } from '@micronova/model'

/** What Cinder says of how to reach a volume, with what Nova has added to it. It may hold passwords: never to be logged. */
export type ConnectionInfo = Readonly<Record<string, unknown>>

/** A volume, as it is or shall be in a guest. */
export interface AttachedVolume {
  readonly instance: Instance
  readonly connection: ConnectionInfo
  /** `/dev/vdb`. */
  readonly device: string
  readonly diskBus: string | null
  readonly deviceType: string | null
}

export interface VolumeAttach {
  /** May one volume be attached to several guests? */
  readonly multiattach: boolean
  /** Does the guest see the user's tag of a volume that is attached while it runs? */
  readonly taggedAttach: boolean
  /** How this host reaches volumes; Cinder is told. */
  connector(instance: Instance): Promise<Readonly<Record<string, unknown>>>
  attach(ctx: RequestContext, volume: AttachedVolume): Promise<void>
  /** @throws NovaError `DiskNotFound` if it is not attached, `DeviceDetachFailed` if the guest does not let it go */
  detach(ctx: RequestContext, volume: AttachedVolume): Promise<void>
  /** Copy `volume` to `to` and go on with that. @param resizeToGb 0: as large as it was */
  swap(ctx: RequestContext, volume: AttachedVolume, to: ConnectionInfo, resizeToGb: number): Promise<void>
  /** The volume has grown to `sizeBytes`: let the guest see it. */
  extend?(ctx: RequestContext, instance: Instance, connection: ConnectionInfo, sizeBytes: number): Promise<void>
}

/** Snapshots of volumes that the hypervisor makes, as Cinder asks for them. */
export interface VolumeSnapshots {
  /** @throws NovaError `InstanceNotRunning` */
  create(ctx: RequestContext, instance: Instance, volumeId: string, createInfo: Readonly<Record<string, unknown>>): Promise<void>
  /** @throws NovaError `InstanceNotRunning` */
  delete(
    ctx: RequestContext,
    instance: Instance,
    snapshot: { readonly volumeId: string; readonly snapshotId: string },
    deleteInfo: Readonly<Record<string, unknown>>,
  ): Promise<void>
}

/** Since the volume was attached. */
export interface VolumeUse {
  readonly reads: number
  readonly readBytes: number
  readonly writes: number
  readonly writeBytes: number
}

export interface VolumeStatistics {
  /** @param device without `/dev/`; null: nothing is known of it */
  deviceUse(instance: Instance, device: string): Promise<VolumeUse | null>
  /** Of the volumes of this host's guests; of one of which nothing is known nothing is said. */
  allUse(
    ctx: RequestContext,
    guests: readonly { readonly instance: Instance; readonly volumes: readonly BlockDeviceMapping[] }[],
  ): Promise<readonly (VolumeUse & { readonly instance: Instance; readonly volumeId: string })[]>
}
