import type { Inventories } from '@micronova/clients'

/** What Placement had of a node's provider when it was last asked or told. */
export interface KnownProvider {
  readonly uuid: string
  readonly generation: number
  readonly inventories: Inventories
  readonly traits: ReadonlySet<string>
  /** Monotonic milliseconds at which all of it was read. */
  readonly readAt: number
}

/** @param refreshSeconds how long others' changes may stay unnoticed; 0: for ever */
export function isFresh({ readAt }: KnownProvider, nowMs: number, refreshSeconds: number): boolean {
  return refreshSeconds === 0 || nowMs - readAt <= refreshSeconds * 1000
}
