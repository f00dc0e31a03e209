import { serverGroupSoftAffinityWeigher, serverGroupSoftAntiAffinityWeigher } from './affinity.js'
import { buildFailureWeigher } from './build-failure.js'
import { cpuWeigher } from './cpu.js'
import { crossCellWeigher } from './cross-cell.js'
import { diskWeigher } from './disk.js'
import { ioOpsWeigher } from './io-ops.js'
import { metricsWeigher } from './metrics.js'
import { pciWeigher } from './pci.js'
import { ramWeigher } from './ram.js'
import type { HostWeigher } from './weigher.js'

/** All weighers of Nova. @see nova 26.2.2, `scheduler/weights/` */
export const hostWeighers: readonly HostWeigher[] = [
  crossCellWeigher,
  metricsWeigher,
  cpuWeigher,
  buildFailureWeigher,
  serverGroupSoftAffinityWeigher,
  serverGroupSoftAntiAffinityWeigher,
  ramWeigher,
  diskWeigher,
  pciWeigher,
  ioOpsWeigher,
]

/** A name of `weight_classes` that is none of Nova's. */
export class UnknownWeigher extends Error {
  override readonly name = 'UnknownWeigher'
  readonly code = 'unknown_weigher'
}

/**
 * The weighers of `weight_classes`: `nova.scheduler.weights.all_weighers`, or Python names of classes.
 *
 * @throws UnknownWeigher
 */
export function chooseWeighers(names: readonly string[]): readonly HostWeigher[] {
  if (names.includes('nova.scheduler.weights.all_weighers')) return hostWeighers
  const byName = new Map(hostWeighers.map((weigher) => [`nova.scheduler.weights.${weigher.module}.${weigher.name}`, weigher]))
  return names.map((name) => {
    const weigher = byName.get(name)
    if (weigher === undefined) throw new UnknownWeigher(`there is no weigher ${name}: see weight_classes of [filter_scheduler]`)
    return weigher
  })
}
