import type { Flavor } from '@micronova/model'

/** What is taken of a host. */
export interface Usage {
  readonly memoryMb: number
  readonly vcpus: number
  /** Root (0 if it is a volume), ephemeral and swap together; swap counts whole GiB only. */
  readonly diskGb: number
}

/** What a guest of this flavor takes. */
export function usageOf(flavor: Flavor, isVolumeBacked: boolean): Usage {
  return {
    memoryMb: flavor.memory_mb,
    vcpus: flavor.vcpus,
    diskGb: (isVolumeBacked ? 0 : flavor.root_gb) + flavor.ephemeral_gb + Math.trunc(flavor.swap / 1024),
  }
}

export function sum(usages: Iterable<Usage>): Usage {
  const total = { memoryMb: 0, vcpus: 0, diskGb: 0 }
  for (const usage of usages) {
    total.memoryMb += usage.memoryMb
    total.vcpus += usage.vcpus
    total.diskGb += usage.diskGb
  }
  return total
}

export function less(whole: Usage, part: Usage): Usage {
  return { memoryMb: whole.memoryMb - part.memoryMb, vcpus: whole.vcpus - part.vcpus, diskGb: whole.diskGb - part.diskGb }
}
