import type { Transport } from '@micronova/messaging'

/** The brokers of the cells, each connected to when it is first needed; a cell with the broker of the service itself shares its transport. */
export class CellBrokers {
  readonly #own: readonly [url: string, transport: Transport]
  readonly #open: (url: string) => Transport
  readonly #others = new Map<string, Transport>()

  constructor(ownUrl: string, own: Transport, open: (url: string) => Transport) {
    this.#own = [ownUrl, own]
    this.#open = open
  }

  /** @throws InvalidTransportUrl */
  readonly of = (url: string): Transport => {
    const [ownUrl, own] = this.#own
    if (url === ownUrl) return own
    const known = this.#others.get(url) ?? this.#open(url)
    this.#others.set(url, known)
    return known
  }

  /** Those that were opened here, by their addresses without credentials. */
  opened(): Readonly<Record<string, Transport>> {
    return Object.fromEntries([...this.#others].map(([url, transport]) => [`cell ${withoutCredentials(url)}`, transport]))
  }

  /** Those that were opened here. */
  async close(): Promise<void> {
    await Promise.all([...this.#others.values()].map((transport) => transport.stop(AbortSignal.timeout(closeMs))))
  }
}

function withoutCredentials(url: string): string {
  return url.replace(/[^/@,]*@/g, '')
}

/** Casts that the broker has not confirmed by then are lost. */
const closeMs = 2000
