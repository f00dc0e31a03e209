import type { ComputeNode, Instance } from '@micronova/model'
import type { NodeValues } from './compute-node-record.js'
import { less, sum, type Usage } from './usage.js'
import { WorkloadStats } from './workload-stats.js'

/** Who uses what of one node, counted in memory. */
export class NodeAccount {
  readonly #reserved: Usage
  readonly #stats = new WorkloadStats()
  readonly #instances = new Map<string, Usage>()
  /** By instance: what is held for guests that are on their way here, or may come back. */
  readonly #moves = new Map<string, Usage>()

  /** @param reserved what the host keeps for itself */
  constructor(reserved: Usage) {
    this.#reserved = reserved
  }

  has(instanceUuid: string): boolean {
    return this.#instances.has(instanceUuid)
  }

  /** Something is held for it, on its way here or back. */
  hasMove(instanceUuid: string): boolean {
    return this.#moves.has(instanceUuid)
  }

  /** Begin anew: whoever is on the node is to be tracked again. */
  reset(): void {
    this.#instances.clear()
    this.#stats.reset()
    this.#moves.clear()
  }

  /** Count an instance with what it uses and its present states. */
  track(instance: Instance, usage: Usage): void {
    this.#instances.set(instance.uuid, usage)
    this.#stats.count(instance)
  }

  /** Count the present states of a tracked instance; what it uses stays the same. */
  refresh(instance: Instance): void {
    this.#stats.count(instance)
  }

  /** No longer count an instance; no-op if it was not. */
  release(instanceUuid: string): void {
    this.#instances.delete(instanceUuid)
    this.#stats.forget(instanceUuid)
  }

  /** Hold something for a guest that is on its way here, or may come back, beside what it has if it is counted here. */
  holdForMove(instanceUuid: string, usage: Usage): void {
    this.#moves.set(instanceUuid, usage)
  }

  /**
   * One end of a move is over. Of an instance that is counted for both ends, the end that is not `dropped` remains; else
   * it is no longer counted at all. No-op for an instance of which nothing is counted.
   */
  dropMove(instanceUuid: string, dropped: Usage | null): void {
    const held = this.#moves.get(instanceUuid)
    const present = this.#instances.get(instanceUuid)
    this.#moves.delete(instanceUuid)
    if (held === undefined) this.release(instanceUuid)
    else if (present !== undefined && dropped !== null) this.#instances.set(instanceUuid, less(sum([present, held]), dropped))
  }

  buildFailed(): void {
    this.#stats.buildFailed()
  }

  buildSucceeded(): void {
    this.#stats.buildSucceeded()
  }

  /** The totals as the record of the node shows them. Free memory and disk fall below zero where the host is overcommitted. */
  totals(node: Pick<ComputeNode, 'memory_mb' | 'local_gb'>): NodeValues {
    const { memoryMb, diskGb, vcpus } = sum([this.#reserved, ...this.#instances.values(), ...this.#moves.values()])
    return {
      memory_mb_used: memoryMb,
      local_gb_used: diskGb,
      vcpus_used: vcpus,
      free_ram_mb: node.memory_mb - memoryMb,
      free_disk_gb: node.local_gb - diskGb,
      running_vms: this.#stats.instances,
      current_workload: this.#stats.workload(),
      stats: this.#stats.toFields(),
    }
  }
}
