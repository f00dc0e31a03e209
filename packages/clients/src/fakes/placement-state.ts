import type { ClientError } from '../errors.js'
import type { AllocationsBody, Inventories, Inventory, ManyAllocations, ReshaperBody, ResourceProvider } from '../placement/types.js'

export type Refuse = (status: number, detail: string, serviceCode?: string) => ClientError

interface Provider extends ResourceProvider {
  generation: number
  name: string
  parent_provider_uuid: string | null
  root_provider_uuid: string
}

export interface Consumer {
  generation: number
  project_id: string
  user_id: string
  /** Provider to resource class to amount. */
  allocations: Record<string, Record<string, number>>
}

const concurrent = 'placement.concurrent_update'

/**
 * What Placement keeps, and its rules: generations, capacity, what is in use. A change is done wholly or not at all.
 *
 * @see placement 8.0.0, `handlers/allocation.py`, `objects/allocation.py`, `objects/resource_provider.py`
 */
export class PlacementState {
  readonly #refuse: Refuse
  readonly providers = new Map<string, Provider>()
  readonly inventories = new Map<string, Record<string, Required<Inventory>>>()
  readonly traits = new Map<string, readonly string[]>()
  readonly aggregates = new Map<string, readonly string[]>()
  readonly customTraits = new Set<string>()
  readonly customClasses = new Set<string>()
  readonly consumers = new Map<string, Consumer>()

  constructor(refuse: Refuse) {
    this.#refuse = refuse
  }

  provider(uuid: string): Provider {
    const provider = this.providers.get(uuid)
    if (provider === undefined) throw this.#refuse(404, `No resource provider with uuid ${uuid} found`)
    return provider
  }

  /** The provider, if nobody has changed it since `generation`. */
  providerAt(uuid: string, generation: number, serviceCode?: string): Provider {
    const provider = this.provider(uuid)
    if (provider.generation !== generation) throw this.#refuse(409, 'resource provider generation conflict', serviceCode)
    return provider
  }

  usages(providerUuid: string): Record<string, number> {
    const sums: Record<string, number> = {}
    for (const name of Object.keys(this.inventories.get(providerUuid) ?? {})) sums[name] = 0
    for (const { allocations } of this.consumers.values())
      for (const [name, amount] of Object.entries(allocations[providerUuid] ?? {})) sums[name] = (sums[name] ?? 0) + amount
    return sums
  }

  setInventories(providerUuid: string, generation: number, inventories: Inventories): void {
    const provider = this.providerAt(providerUuid, generation, concurrent)
    const complete = this.#completeAll(inventories)
    this.#refuseInUse(providerUuid, complete)
    this.inventories.set(providerUuid, complete)
    provider.generation += 1
  }

  /** New inventories that would be too small for the old allocations do not matter: both are replaced. */
  reshape({ inventories, allocations }: ReshaperBody): void {
    const [tables, consumers] = [structuredClone([...this.inventories]), structuredClone([...this.consumers])]
    const generations = [...this.providers.values()].map((provider) => [provider, provider.generation] as const)
    try {
      for (const [uuid, { resource_provider_generation }] of Object.entries(inventories))
        this.providerAt(uuid, resource_provider_generation, concurrent)
      for (const [uuid, body] of Object.entries(inventories))
        this.inventories.set(uuid, { ...this.inventories.get(uuid), ...this.#completeAll(body.inventories) })
      this.setAllocations(allocations)
      for (const [uuid, body] of Object.entries(inventories)) this.setInventories(uuid, this.provider(uuid).generation, body.inventories)
    } catch (err) {
      restore(this.inventories, tables)
      restore(this.consumers, consumers)
      for (const [provider, generation] of generations) provider.generation = generation
      throw err
    }
  }

  /** A class that is in use must stay. */
  #refuseInUse(providerUuid: string, remaining: Inventories): void {
    const inUse = Object.entries(this.usages(providerUuid)).filter(([name, used]) => used > 0 && remaining[name] === undefined)
    if (inUse.length === 0) return
    const classes = inUse.map(([name]) => name).join(', ')
    throw this.#refuse(409, `Inventory for '${classes}' on resource provider '${providerUuid}' in use.`, 'placement.inventory.inuse')
  }

  #completeAll(inventories: Inventories): Record<string, Required<Inventory>> {
    return Object.fromEntries(Object.entries(inventories).map(([name, inventory]) => [name, this.#complete(name, inventory)]))
  }

  #complete(name: string, inventory: Inventory): Required<Inventory> {
    if (name.startsWith('CUSTOM_') && !this.customClasses.has(name)) throw this.#refuse(400, `Unknown resource class ${name}`)
    const complete = { reserved: 0, min_unit: 1, max_unit: 2147483647, step_size: 1, allocation_ratio: 1, ...inventory }
    if (complete.reserved > complete.total) throw this.#refuse(400, `Invalid inventory for '${name}': more is reserved than there is`)
    return complete
  }

  /** Replaces what each consumer has. */
  setAllocations(many: ManyAllocations): void {
    for (const [uuid, body] of Object.entries(many)) this.#refuseOtherGeneration(uuid, body)
    const others = new Map([...this.consumers].filter(([uuid]) => many[uuid] === undefined))
    const touched = new Set<string>()
    for (const [uuid, body] of Object.entries(many)) {
      const before = Object.keys(this.consumers.get(uuid)?.allocations ?? {})
      for (const provider of [...before, ...Object.keys(body.allocations)]) touched.add(provider)
    }
    this.#refuseOverCapacity(others, many)
    for (const [uuid, body] of Object.entries(many)) this.#replaceConsumer(uuid, body)
    for (const uuid of touched) this.provider(uuid).generation += 1
  }

  #refuseOtherGeneration(uuid: string, body: AllocationsBody): void {
    const expected = this.consumers.get(uuid)?.generation ?? null
    if (expected === body.consumer_generation) return
    const detail = `consumer generation conflict - expected ${expected ?? 'null'} but got ${body.consumer_generation}`
    throw this.#refuse(409, detail, concurrent)
  }

  #replaceConsumer(uuid: string, body: AllocationsBody): void {
    const allocations = Object.fromEntries(Object.entries(body.allocations).map(([key, { resources }]) => [key, { ...resources }]))
    if (Object.keys(allocations).length === 0) {
      this.consumers.delete(uuid)
      return
    }
    const generation = (this.consumers.get(uuid)?.generation ?? 0) + 1
    this.consumers.set(uuid, { generation, project_id: body.project_id, user_id: body.user_id, allocations })
  }

  #refuseOverCapacity(others: ReadonlyMap<string, Consumer>, many: ManyAllocations): void {
    const used = new Map<string, number>()
    const add = (provider: string, name: string, amount: number) => {
      const key = `${provider} ${name}`
      used.set(key, (used.get(key) ?? 0) + amount)
      return used.get(key) ?? 0
    }
    for (const { allocations } of others.values())
      for (const [provider, resources] of Object.entries(allocations))
        for (const [name, amount] of Object.entries(resources)) add(provider, name, amount)
    for (const { allocations } of Object.values(many))
      for (const [provider, { resources }] of Object.entries(allocations))
        for (const [name, amount] of Object.entries(resources)) this.#refuseUnfit(provider, name, amount, add(provider, name, amount))
  }

  #refuseUnfit(providerUuid: string, name: string, amount: number, usedThen: number): void {
    if (!this.providers.has(providerUuid))
      throw this.#refuse(400, `Allocation for resource provider '${providerUuid}' that does not exist.`)
    const inventory = this.inventories.get(providerUuid)?.[name]
    const unable = 'Unable to allocate inventory: '
    if (inventory === undefined) throw this.#refuse(409, `${unable}Inventory for '${name}' on resource provider '${providerUuid}' invalid.`)
    if (amount < inventory.min_unit || amount > inventory.max_unit || amount % inventory.step_size !== 0)
      throw this.#refuse(409, `${unable}The requested amount of '${name}' on '${providerUuid}' violates min_unit, max_unit or step_size`)
    if (usedThen > capacityOf(inventory))
      throw this.#refuse(409, `${unable}The requested amount of '${name}' would exceed the capacity of '${providerUuid}'`)
  }
}

export function capacityOf({ total, reserved, allocation_ratio }: Required<Inventory>): number {
  return (total - reserved) * allocation_ratio
}

function restore<T>(map: Map<string, T>, entries: readonly (readonly [string, T])[]): void {
  map.clear()
  for (const [key, value] of entries) map.set(key, value)
}
