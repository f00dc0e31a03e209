import type { Logger } from '@micronova/log'
import {
  cpuPolicy,
  cpuThreadPolicy,
  dedicatedCpus,
  emulatorThreadsPolicy,
  extraSpecsOf,
  type Flavor,
  type ImageMeta,
  imageProperty,
  novaError,
  pciNumaPolicy,
  persistentMemoryLabels,
  type RequestSpec,
  realtimeCpus,
  secureBootPolicy,
  tpmVersion,
  wantsMemoryEncryption,
} from '@micronova/model'
import type { QueryPairs } from '../types.js'
import { ResourceGroup } from './request-group.js'
import { customResourceClass } from './standard-names.js'

export interface ResourceRequestOptions {
  readonly log: Logger
  /** `[scheduler] max_placement_results` */
  readonly limit: number
  /** False: dedicated CPUs are asked for as shared ones, for computes that report no others. */
  readonly translatePinning?: boolean
}

/**
 * What Placement is asked for: resources and traits in groups.
 *
 * @see nova 26.2.2, `scheduler/utils.py`, `ResourceRequest`
 */
export class ResourceRequest {
  readonly #groups = new Map<string | null, ResourceGroup>()
  readonly #log: Logger
  /** How the providers of groups relate: `none` or `isolate`. */
  groupPolicy: string | null = null
  /** Candidates wanted at most; null: all. */
  limit: number | null
  wantsPinning = false
  /** Groups with a suffix that the flavor names. */
  suffixedGroupsOfFlavor = 0
  readonly #rootRequired: ReadonlySet<string>
  readonly #rootForbidden: ReadonlySet<string>
  readonly #sameSubtree: readonly (readonly string[])[]

  /** @throws NovaError what `constraints.ts` throws; `RequestGroupSuffixConflict` */
  constructor(spec: RequestSpec, { log, limit, translatePinning = true }: ResourceRequestOptions) {
    this.#log = log
    this.limit = limit
    const { root_required, root_forbidden, same_subtree } = spec.request_level_params
    this.#rootRequired = root_required
    this.#rootForbidden = root_forbidden
    this.#sameSubtree = same_subtree
    const image = spec.objIsSet('image') ? spec.image : null
    const { flavor } = spec
    this.#addExtraSpecs(flavor)
    this.suffixedGroupsOfFlavor = this.suffixedGroups
    this.#addImageTraits(image)
    if (translatePinning) this.#addPinning(flavor, image)
    for (const group of spec.requested_resources ?? []) this.#addGroup(ResourceGroup.of(group))
    this.#addFlavor(spec)
    this.#addCapabilities(flavor, image)
    this.#strip()
  }

  /** The group without a suffix is always there to be added to. */
  group(id: string | null): ResourceGroup {
    const found = this.#groups.get(id) ?? new ResourceGroup(id)
    this.#groups.set(id, found)
    return found
  }

  get suffixedGroups(): number {
    return [...this.#groups.keys()].filter((id) => id !== null).length
  }

  /** Traits of all groups. */
  get requiredTraits(): ReadonlySet<string> {
    return new Set([...this.#groups.values()].flatMap((group) => [...group.requiredTraits]))
  }

  /** How much of each resource class all groups ask for together. */
  get totals(): ReadonlyMap<string, number> {
    const totals = new Map<string, number>()
    for (const { resources } of this.#groups.values())
      for (const [name, amount] of resources) totals.set(name, (totals.get(name) ?? 0) + amount)
    return totals
  }

  /** The query of `GET /allocation_candidates`, sorted as upstream sends it. */
  toQuery(): QueryPairs {
    const pairs: [string, string][] = []
    if (this.limit !== null) pairs.push(['limit', String(this.limit)])
    if (this.groupPolicy !== null) pairs.push(['group_policy', this.groupPolicy])
    const root = [...[...this.#rootRequired].sort(), ...[...this.#rootForbidden].sort().map((trait) => `!${trait}`)]
    if (root.length > 0) pairs.push(['root_required', root.join(',')])
    for (const suffixes of this.#sameSubtree) pairs.push(['same_subtree', [...suffixes].sort().join(',')])
    for (const group of this.#groups.values()) pairs.push(...group.toPairs())
    return pairs.sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
  }

  #addExtraSpecs(flavor: Flavor): void {
    for (const [key, value] of Object.entries(extraSpecsOf(flavor))) {
      if (key === 'group_policy') {
        if (value === 'none' || value === 'isolate') this.groupPolicy = value
        else this.#log.warning(`Invalid group_policy '${value}'. Valid values are 'none' and 'isolate'.`)
        continue
      }
      const match = /^(resources|trait)([a-zA-Z0-9_-]{1,64})?:(.*)$/.exec(key)
      if (match === null) continue
      const [, kind, suffix, name = ''] = match
      const group = this.group(suffix ?? null)
      if (kind === 'resources') group.addResource(name, value, this.#log)
      else group.addTrait(name, value, this.#log)
    }
  }

  #addImageTraits(image: ImageMeta | null): void {
    const traits = imageProperty(image, 'traits_required')
    for (const trait of Array.isArray(traits) ? traits : []) this.#require(String(trait))
  }

  #require(trait: string): void {
    this.group(null).addTrait(trait, 'required', this.#log)
  }

  #add(resourceClass: string, amount: number): void {
    this.group(null).addResource(resourceClass, amount, this.#log)
  }

  #addPinning(flavor: Flavor, image: ImageMeta | null): void {
    const policy = cpuPolicy(flavor, image)
    const threads = cpuThreadPolicy(flavor, image)
    const isolatedEmulator = emulatorThreadsPolicy(flavor) === 'isolate' ? 1 : 0
    if (policy === 'dedicated') {
      this.wantsPinning = true
      this.#add('PCPU', flavor.vcpus + isolatedEmulator)
    } else if (policy === 'mixed') {
      const dedicated = (dedicatedCpus(flavor) ?? realtimeCpus(flavor, image))?.size ?? 0
      this.#add('VCPU', flavor.vcpus - dedicated)
      this.#add('PCPU', dedicated + isolatedEmulator)
    }
    if (threads === 'isolate') this.group(null).addTrait('HW_CPU_HYPERTHREADING', 'forbidden', this.#log)
    if (threads === 'require') this.#require('HW_CPU_HYPERTHREADING')
  }

  #addGroup(group: ResourceGroup): void {
    if (!group.id) throw new TypeError('Missing requester_id in RequestGroup! This is probably a programmer error.')
    if (group.isEmpty) throw new TypeError(`Refusing to add no-op RequestGroup with requester_id=${group.id}.`)
    if (this.#groups.has(group.id)) throw novaError('RequestGroupSuffixConflict', { suffix: group.id })
    this.#groups.set(group.id, group)
  }

  /** The sizes of the flavor, where its extra specs do not say otherwise. */
  #addFlavor(spec: RequestSpec): void {
    const { vcpus, memory_mb, ephemeral_gb, swap, root_gb } = spec.flavor
    const named = new Set([...this.#groups.values()].flatMap((group) => [...group.resources.keys()]))
    if (!named.has('VCPU') && !named.has('PCPU')) this.#add('VCPU', vcpus)
    if (!named.has('MEMORY_MB')) this.#add('MEMORY_MB', memory_mb)
    if (named.has('DISK_GB')) return
    const isVolume = spec.objIsSet('is_bfv') && spec.is_bfv
    const disk = ephemeral_gb + Math.ceil(swap / 1024) + (isVolume ? 0 : root_gb)
    if (disk !== 0) this.#add('DISK_GB', disk)
  }

  #addCapabilities(flavor: Flavor, image: ImageMeta | null): void {
    if (wantsMemoryEncryption(flavor, image)) this.#add('MEM_ENCRYPTION_CONTEXT', 1)
    const namespaces = new Map<string, number>()
    for (const label of persistentMemoryLabels(flavor)) {
      const name = customResourceClass(`PMEM_NAMESPACE_${label}`)
      namespaces.set(name, (namespaces.get(name) ?? 0) + 1)
    }
    for (const [name, amount] of namespaces) this.#add(name, amount)
    const tpm = tpmVersion(flavor, image)
    if (tpm !== null) this.#require(tpm === '1.2' ? 'COMPUTE_SECURITY_TPM_1_2' : 'COMPUTE_SECURITY_TPM_2_0')
    if (pciNumaPolicy(flavor, image) === 'socket') this.#require('COMPUTE_SOCKET_PCI_NUMA_AFFINITY')
    if (secureBootPolicy(flavor, image) === 'required') this.#require('COMPUTE_SECURITY_UEFI_SECURE_BOOT')
  }

  #strip(): void {
    for (const [id, group] of this.#groups) {
      group.stripZeros()
      if (group.isEmpty) this.#groups.delete(id)
    }
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
