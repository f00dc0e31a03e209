import type { SlotReport } from './semaphore.js'

/** A node of this host, as its record was last counted. */
export interface NodeReport {
  readonly name: string
  readonly vcpus: { readonly total: number; readonly used: number }
  readonly memoryMb: { readonly total: number; readonly used: number }
  readonly diskGb: { readonly total: number; readonly used: number }
  /** By vm_state: `active`, `building` ... */
  readonly instances: Readonly<Record<string, number>>
}

/** What a compute is doing, from memory alone. */
export interface ComputeReport {
  readonly nodes: readonly NodeReport[]
  /** Casts accepted and not finished. */
  readonly journalled: number
  readonly builds: SlotReport
  readonly snapshots: SlotReport
}
