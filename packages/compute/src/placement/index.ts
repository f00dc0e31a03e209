export type {
  AddedResources,
  Allocations,
  ComputePlacement,
  ConsumerAllocations,
  ConsumerKind,
  DeleteAllocationsOptions,
  NodeProviders,
  ResourceNeeds,
} from './compute-placement.js'
export { HostPlacement, type HostPlacementDeps } from './host-placement.js'
export { NoPlacement } from './no-placement.js'
export { type PlacementSection, placementOptions } from './options.js'
export { removeAllocations } from './remove-allocations.js'
