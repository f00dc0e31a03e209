export type {
  Allocations,
  ComputePlacement,
  ConsumerAllocations,
  ConsumerKind,
  DeleteAllocationsOptions,
  NodeProviders,
} from './compute-placement.js'
export { NoPlacement } from './no-placement.js'
