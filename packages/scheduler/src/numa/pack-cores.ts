import type { InstanceNUMACell, NUMACell } from '@micronova/model'
import { ascending, freeSiblings } from './host-cell.js'

export interface Packing {
  /** CPU of the guest to CPU of the host. */
  readonly pinning: Readonly<Record<string, number>>
  /** CPUs of the host for what runs beside the guest's own; null: none is set apart. */
  readonly reserved: ReadonlySet<number> | null
}

/**
 * CPUs of the host for the dedicated CPUs of a guest: threads of a core stay together where the thread policy wants that, and
 * cores with the most free threads are taken first.
 *
 * @param reserve CPUs wanted beside, for the emulator
 * @returns null if they cannot be had
 * @see nova 26.2.2, `virt/hardware.py`, `_pack_instance_onto_cores`
 */
export function packOntoCores(host: NUMACell, guest: InstanceNUMACell, reserve: number): Packing | null {
  const threadsPerCore = Math.max(1, ...host.siblings.map(({ size }) => size))
  const free = freeSiblings(host)
  const coresWith = (threads: number) => free.filter(({ length }) => length >= threads)
  const cpus = ascending(guest.pcpuset)
  const pack = (threads: number, cores: readonly (readonly number[])[], reservable: readonly (readonly number[])[], isolated = false) =>
    packed(cpus, { threads, cores, reservable, reserve, isolated })
  if (guest.cpu_thread_policy === 'isolate') {
    if (coresWith(threadsPerCore).length === 0) return null
    if (threadsPerCore !== 1 && !isSame(host.pcpuset, host.cpuset)) return null
    return pack(1, coresWith(threadsPerCore), coresWith(1), true)
  }
  const isRequired = guest.cpu_thread_policy === 'require'
  if (isRequired && threadsPerCore <= 1) return null
  const most = Math.max(0, ...free.map(({ length }) => length))
  for (let threads = most; threads >= (isRequired ? 2 : 1); threads -= 1) {
    const found = pack(threads, coresWith(threads), coresWith(1))
    if (found !== null) return found
  }
  if (isRequired) return null
  const single = coresWith(1).flatMap((threads) => threads.map((cpu) => [cpu]))
  return pack(1, single, single)
}

interface PackOptions {
  /** Threads used of each core. */
  readonly threads: number
  readonly cores: readonly (readonly number[])[]
  /** What is set apart may be taken from these. */
  readonly reservable: readonly (readonly number[])[]
  readonly reserve: number
  /** A core that the guest uses has nothing left to be set apart. */
  readonly isolated: boolean
}

function packed(cpus: readonly number[], { threads, cores, reservable, reserve, isolated }: PackOptions): Packing | null {
  if (threads * cores.length < cpus.length || cpus.length === 0) return null
  const usable = cores.flatMap((core) => core.slice(0, threads))
  const pinning = Object.fromEntries(cpus.flatMap((cpu, index) => (usable[index] === undefined ? [] : [[cpu, usable[index]]])))
  if (reserve === 0) return { pinning, reserved: null }
  const used = new Set(Object.values(pinning))
  const left = isolated
    ? reservable.filter((core) => !core.some((cpu) => used.has(cpu))).flat()
    : reservable.flat().filter((cpu) => !used.has(cpu))
  const reserved = new Set(left.slice(0, reserve))
  return reserved.size === 0 ? null : { pinning, reserved }
}

function isSame(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a.size === b.size && [...a].every((cpu) => b.has(cpu))
}
