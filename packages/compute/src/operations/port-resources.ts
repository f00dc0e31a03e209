import { isClientError } from '@micronova/clients'
import { type Instance, isNovaError, novaError, type RequestContext } from '@micronova/model'
import type { PortAllocations, PortNeeds, ProviderMappings } from '../network/network-api.js'
import type { ComputeParts } from '../parts.js'

/**
 * What a port of a running guest has of resource providers: claimed before it is bound, and given back when the guest does not
 * get it after all.
 */
export class PortResources {
  readonly #parts: ComputeParts
  readonly #ctx: RequestContext
  readonly #instance: Instance
  #claimed: PortAllocations = {}

  constructor(parts: ComputeParts, ctx: RequestContext, instance: Instance) {
    this.#parts = parts
    this.#ctx = ctx
    this.#instance = instance
  }

  /** @throws NovaError `InterfaceAttachResourceAllocationFailed` */
  async claim(needs: PortNeeds): Promise<ProviderMappings> {
    const { stores, placement, host } = this.#parts
    const { uuid, node } = this.#instance
    try {
      const { uuid: nodeUuid } = await stores.computeNodes.getByHostAndNode(this.#ctx, host, node ?? host)
      const added = await placement.addResources(this.#ctx, uuid, nodeUuid, needs)
      if (added === null) throw novaError('InterfaceAttachResourceAllocationFailed', { instance_uuid: uuid })
      this.#claimed = added.allocations
      return added.mappings
    } catch (err) {
      if (!isClientError(err) && !isNovaError(err, 'AllocationUpdateFailed')) throw err
      throw novaError('InterfaceAttachResourceAllocationFailed', { instance_uuid: uuid }, { cause: err })
    }
  }

  /** What goes wrong is logged: why it is given back matters more. */
  async giveBack(): Promise<void> {
    try {
      await this.release(this.#claimed)
      this.#claimed = {}
    } catch (err) {
      this.#parts.log.warning('What was claimed for a port stays allocated', { err, instanceUuid: this.#instance.uuid })
    }
  }

  /** @throws NovaError `AllocationUpdateFailed`, ClientError: they stay allocated */
  async release(allocations: PortAllocations): Promise<void> {
    if (Object.keys(allocations).length > 0) await this.#parts.placement.removeResources(this.#ctx, this.#instance.uuid, allocations)
  }
}
