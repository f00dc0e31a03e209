import { type Instance, novaError, type RequestContext, type Vif } from '@micronova/model'
import type { InterfaceHotplug } from '../driver.js'
import type { FakeGuest, FakeGuests } from './guests.js'

/**
 * Interfaces that come and go. Upstream's fake takes an interface for a guest that it does not know, as is the case after every
 * restart of a Python nova-compute: so does this one, until the process ends.
 */
export class FakeInterfaces implements InterfaceHotplug {
  readonly honoursTags = true
  readonly #guests: FakeGuests
  /** Uuids of ports of guests that are not here. */
  readonly #strangers = new Set<string>()

  constructor(guests: FakeGuests) {
    this.#guests = guests
  }

  async attachInterface(_ctx: RequestContext, { uuid: instance_uuid }: Instance, { id }: Vif): Promise<void> {
    const guest = this.#guests.get(instance_uuid)
    if (id === null || this.#portsOf(guest).includes(id)) throw novaError('InterfaceAttachFailed', { instance_uuid })
    if (guest === undefined) this.#strangers.add(id)
    else await this.#guests.put({ ...guest, ports: [...guest.ports, id] })
  }

  async hasInterface({ uuid }: Instance, { id }: Vif): Promise<boolean> {
    return id !== null && this.#portsOf(this.#guests.get(uuid)).includes(id)
  }

  async detachInterface(_ctx: RequestContext, { uuid: instance_uuid }: Instance, { id }: Vif): Promise<void> {
    if (id !== null && this.#strangers.delete(id)) return
    const guest = this.#guests.get(instance_uuid)
    if (guest === undefined) throw novaError('InstanceNotFound', { instance_id: instance_uuid })
    if (id === null || !guest.ports.includes(id)) throw novaError('InterfaceDetachFailed', { instance_uuid })
    await this.#guests.put({ ...guest, ports: guest.ports.filter((port) => port !== id) })
  }

  #portsOf(guest: FakeGuest | undefined): readonly string[] {
    return guest === undefined ? [...this.#strangers] : guest.ports
  }
}
