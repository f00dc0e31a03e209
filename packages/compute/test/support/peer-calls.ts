import type { Stores } from '@micronova/model'

/** A request of a compute to one of its peers: `stores.instances.save`, `neutron.createPort`. */
export interface PeerCall {
  readonly name: string
  readonly args: readonly unknown[]
}

/** What goes wrong with one call. */
export interface Trouble {
  /** Before the peer has heard of it; a rejection is the answer. */
  before?(call: PeerCall): unknown
  /** After the peer has done it; a rejection hides the answer. */
  after?(call: PeerCall): unknown
}

type Method = (...args: readonly unknown[]) => Promise<unknown>

/** All calls of computes to peers, numbered in their order, so that each of them can go wrong. */
export class PeerCalls {
  readonly log: PeerCall[] = []
  #trouble: (call: PeerCall, index: number) => Trouble | undefined = () => undefined

  get names(): readonly string[] {
    return this.log.map(({ name }) => name)
  }

  /** From now on, and counted from now on. */
  trouble(find: (call: PeerCall, index: number) => Trouble | undefined): void {
    this.log.length = 0
    this.#trouble = find
  }

  /** All peers are well again. */
  heal(): void {
    this.trouble(() => undefined)
  }

  of<T extends object>(name: string, peer: T): T {
    return new Proxy(peer, {
      get: (target, key) => {
        const member: unknown = Reflect.get(target, key, target)
        return typeof member === 'function' ? this.#method(`${name}.${String(key)}`, member.bind(target)) : member
      },
    })
  }

  ofStores(stores: Stores): Stores {
    return new Proxy(stores, {
      get: (all, key) => {
        const store: unknown = Reflect.get(all, key)
        return typeof store === 'object' && store !== null ? this.of(String(key), store) : store
      },
    })
  }

  #method(name: string, method: Method): Method {
    return async (...args) => {
      const call = { name, args }
      const trouble = this.#trouble(call, this.log.push(call) - 1)
      await trouble?.before?.(call)
      const result = await method(...args)
      await trouble?.after?.(call)
      return result
    }
  }
}
