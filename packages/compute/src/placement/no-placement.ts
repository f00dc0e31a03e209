import type { Instance } from '@micronova/model'
import type { Allocations, ComputePlacement } from './compute-placement.js'

/** A cloud without Placement, such as the all-in-one: nobody has allocations, and nobody is told of hosts. */
export class NoPlacement implements ComputePlacement {
  async allocationsOf(): Promise<Allocations> {
    return {}
  }
  async deleteAllocations(): Promise<boolean> {
    return false
  }
  async moveAllocations(): Promise<boolean> {
    return true
  }
  async removeFromProvider(): Promise<boolean> {
    return true
  }
  async addResources(): Promise<null> {
    return null
  }
  async removeResources(): Promise<void> {}
  async readConfigs(): Promise<void> {}
  async audit(): Promise<readonly Instance[]> {
    return []
  }
  async setEnabled(): Promise<void> {}
  async remove(): Promise<void> {}
  forget(): void {}
  close(): void {}
}
