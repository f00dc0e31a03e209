import type { Allocations, DeleteAllocationsOptions } from '../../src/placement/index.js'
import { NoPlacement } from '../../src/placement/index.js'

/** Allocations in memory. What a test leaves in `held` has leaked, unless it belongs there. */
export class FakePlacement extends NoPlacement {
  /** By consumer, by provider. */
  readonly held = new Map<string, Allocations>()
  /** Called before anything is done; it may throw. */
  fail: (method: string) => void = () => {}

  override async allocationsOf(_ctx?: unknown, consumer = ''): Promise<Allocations> {
    this.fail('allocationsOf')
    return this.held.get(consumer) ?? {}
  }

  override async deleteAllocations(_ctx?: unknown, consumer = '', _options?: DeleteAllocationsOptions): Promise<boolean> {
    this.fail('deleteAllocations')
    return this.held.delete(consumer)
  }

  override async moveAllocations(_ctx?: unknown, from = '', to = ''): Promise<boolean> {
    this.fail('moveAllocations')
    const allocations = this.held.get(from)
    if (allocations !== undefined) this.held.set(to, allocations)
    this.held.delete(from)
    return true
  }

  override async removeFromProvider(_ctx?: unknown, consumer = '', provider = ''): Promise<boolean> {
    this.fail('removeFromProvider')
    const { [provider]: _, ...others } = this.held.get(consumer) ?? {}
    this.held.set(consumer, others)
    return _ !== undefined
  }

  /** Who has something of whom. */
  get holders(): Readonly<Record<string, readonly string[]>> {
    return Object.fromEntries([...this.held].map(([consumer, allocations]) => [consumer, Object.keys(allocations)]))
  }
}
