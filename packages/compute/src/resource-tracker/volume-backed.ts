import type { BlockDeviceMapping, BlockDeviceMappingStore, Instance, RequestContext } from '@micronova/model'

/** Which instances boot from a volume: their root disk takes nothing of the host. Never changes, so each is asked about once. */
export class VolumeBacked {
  readonly #mappings: Pick<BlockDeviceMappingStore, 'mapByInstanceUuids'>
  readonly #known = new Map<string, boolean>()

  constructor(mappings: Pick<BlockDeviceMappingStore, 'mapByInstanceUuids'>) {
    this.#mappings = mappings
  }

  /** Only of an instance that was learned. */
  has(instanceUuid: string): boolean {
    return this.#known.get(instanceUuid) === true
  }

  /** One round trip for all instances that are not known yet. */
  async learn(ctx: RequestContext, instances: readonly Instance[]): Promise<void> {
    const unknown = instances.filter(({ uuid }) => !this.#known.has(uuid))
    if (unknown.length === 0) return
    const mappings = await this.#mappings.mapByInstanceUuids(
      ctx,
      unknown.map(({ uuid }) => uuid),
    )
    for (const instance of unknown) {
      this.#known.set(instance.uuid, isVolumeBacked(instance, mappings.get(instance.uuid) ?? []))
    }
  }

  forget(instanceUuid: string): void {
    this.#known.delete(instanceUuid)
  }

  forgetAllBut(instances: readonly Instance[]): void {
    const kept = new Set(instances.map(({ uuid }) => uuid))
    for (const uuid of this.#known.keys()) if (!kept.has(uuid)) this.#known.delete(uuid)
  }
}

/** Does its root disk lie on a volume? Instances of old releases have no mapping for it: without an image it can only be one. */
export function isVolumeBacked(instance: Instance, mappings: readonly BlockDeviceMapping[]): boolean {
  const root = mappings.find((mapping) => mapping.boot_index === 0)
  return root === undefined ? !instance.image_ref : root.destination_type === 'volume'
}
