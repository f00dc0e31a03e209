import type { Instance, RequestContext } from '@micronova/model'
import type { AttachedVolume, ConnectionInfo, VolumeAttach } from '../volumes.js'

/** What Cinder is told of this host. */
export interface FakeConnector {
  readonly ip: string
  host(): string
}

/**
 * Volumes of guests as entries of a map. It is not written down with the guests: a connection may hold passwords, and
 * what is attached stands in the database.
 */
export class FakeVolumes implements VolumeAttach {
  readonly multiattach = true
  readonly taggedAttach = true
  readonly #connector: FakeConnector
  /** By guest and device. */
  readonly #attached = new Map<string, ConnectionInfo>()

  constructor(connector: FakeConnector) {
    this.#connector = connector
  }

  async connector(): Promise<Readonly<Record<string, unknown>>> {
    return { ip: this.#connector.ip, initiator: 'fake', host: this.#connector.host() }
  }

  async attach(_ctx: RequestContext, volume: AttachedVolume): Promise<void> {
    this.#attached.set(keyOf(volume), volume.connection)
  }

  /** One that is not attached is fine, as to upstream's. */
  async detach(_ctx: RequestContext, volume: AttachedVolume): Promise<void> {
    this.#attached.delete(keyOf(volume))
  }

  async swap(_ctx: RequestContext, volume: AttachedVolume, to: ConnectionInfo): Promise<void> {
    this.#attached.set(keyOf(volume), to)
  }

  async extend(): Promise<void> {}

  /** For tests: what is at `device` of the guest. */
  at(instance: Instance, device: string): ConnectionInfo | null {
    return this.#attached.get(keyOf({ instance, device })) ?? null
  }
}

function keyOf({ instance, device }: Pick<AttachedVolume, 'instance' | 'device'>): string {
  return `${instance.uuid} ${device}`
}
