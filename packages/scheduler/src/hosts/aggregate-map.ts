import type { Aggregate } from '@micronova/model'

/** The aggregates by the hosts that are in them. Read once; then the API tells of each change. */
export class AggregateMap {
  readonly #byId = new Map<number, Aggregate>()
  readonly #byHost = new Map<string, Aggregate[]>()

  /** Those of a host. */
  of(host: string): readonly Aggregate[] {
    return this.#byHost.get(host) ?? none
  }

  update(aggregates: readonly Aggregate[]): void {
    for (const aggregate of aggregates) {
      this.#remove(aggregate.id)
      this.#byId.set(aggregate.id, aggregate)
      for (const host of aggregate.hosts ?? []) this.#byHost.set(host, [...this.of(host), aggregate])
    }
  }

  delete(aggregate: Aggregate): void {
    this.#remove(aggregate.id)
  }

  /** These and no others. */
  replace(aggregates: readonly Aggregate[]): void {
    this.#byId.clear()
    this.#byHost.clear()
    this.update(aggregates)
  }

  #remove(id: number): void {
    for (const host of this.#byId.get(id)?.hosts ?? []) {
      const others = this.of(host).filter((aggregate) => aggregate.id !== id)
      if (others.length > 0) this.#byHost.set(host, others)
      else this.#byHost.delete(host)
    }
    this.#byId.delete(id)
  }
}

const none: readonly Aggregate[] = []
