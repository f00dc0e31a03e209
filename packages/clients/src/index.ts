export type { Auth, AuthCallOptions, CallOptions } from './call.js'
export type { CinderClient } from './cinder/client.js'
export type { Attachment, ConnectionInfo, Connector, NewVolume, Snapshot, Volume } from './cinder/types.js'
export type { Clients } from './clients.js'
export { type ClientsDeps, type ClientsOptions, createClients } from './create-clients.js'
export { ClientError, type ClientErrorCode, type ClientErrorDetails, type ClientErrorRequest, isClientError } from './errors.js'
export { type FakeCall, FakeCalls } from './fakes/fake-calls.js'
export { FakeCinder } from './fakes/fake-cinder.js'
export { FakeClients } from './fakes/fake-clients.js'
export { FakeGlance } from './fakes/fake-glance.js'
export { FakeKeystone } from './fakes/fake-keystone.js'
export { FakeNeutron } from './fakes/fake-neutron.js'
export { FakePlacement } from './fakes/fake-placement.js'
export type { GlanceClient } from './glance/client.js'
export { type ImageEndpoint, imageEndpoint } from './glance/image-endpoint.js'
export { ImageService } from './glance/image-service.js'
export { translateFromGlance, translateToGlance } from './glance/translate.js'
export type { GlanceImage, ImageChange, ImageData, ImageMeta, NewGlanceImage } from './glance/types.js'
export type { RequestInFlight } from './http/requests-in-flight.js'
export type { EndedRequest, RestObserver } from './http/rest-observer.js'
export {
  type ConnectionSettings,
  type HttpRequest,
  type HttpResponse,
  type HttpTransport,
  TransportFailure,
  type TransportFailureKind,
} from './http/transport.js'
export type { KeystoneClient, LimitQuery, ProjectLimit, RegisteredLimit, ServiceEndpoint } from './keystone/client.js'
export { limitsOptions } from './keystone/options.js'
export { withoutHostKeys } from './neutron/binding-profile.js'
export type { NeutronClient, NeutronReadOptions } from './neutron/client.js'
export type {
  Agent,
  BindingProfile,
  Filters,
  FixedIp,
  FloatingIp,
  Network,
  Port,
  PortBinding,
  PortBindingBody,
  PortBody,
  Quota,
  SecurityGroup,
  Subnet,
} from './neutron/types.js'
export { type ClientsSettings, clientsOptions, clientsSettings } from './options.js'
export {
  type AllocationChangeDeps,
  allocationsBody,
  allocationTries,
  hasNoAllocations,
  isConsumerChange,
  isProviderChange,
  moveAllocations,
  pauseBetweenTries,
  removeFromTree,
  whileProvidersChange,
} from './placement/allocations.js'
export type { MicroversionOptions, PlacementClient } from './placement/client.js'
export { ResourceRequest, type ResourceRequestOptions } from './placement/request/resource-request.js'
export { isImageTrait } from './placement/request/standard-names.js'
export type {
  Allocation,
  AllocationCandidates,
  AllocationRequest,
  AllocationsBody,
  ConsumerAllocations,
  Inventories,
  Inventory,
  ManyAllocations,
  NewResourceProvider,
  ProviderAggregates,
  ProviderAllocations,
  ProviderInventories,
  ProviderSummary,
  ProviderTraits,
  ProviderUsages,
  QueryPairs,
  ReshaperBody,
  ResourceProvider,
  ResourceProviderQuery,
  Resources,
} from './placement/types.js'
export { createServiceProbes, type ServiceProbe, type ServiceProbes } from './probes.js'
