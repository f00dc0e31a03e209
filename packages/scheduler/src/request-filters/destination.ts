import { Destination, type RequestSpec } from '@micronova/model'

/** Where the request must go; made if it may go anywhere so far. */
function destinationOf(spec: RequestSpec): Destination {
  spec.requested_destination ??= new Destination()
  return spec.requested_destination
}

/** The host must be in one of these aggregates. */
export function requireAggregates(spec: RequestSpec, uuids: readonly string[]): void {
  const destination = destinationOf(spec)
  destination.aggregates = [...(destination.aggregates ?? []), uuids.join(',')]
}

/** The host must be in none of these aggregates. */
export function forbidAggregates(spec: RequestSpec, uuids: readonly string[]): void {
  const destination = destinationOf(spec)
  destination.forbidden_aggregates = new Set([...(destination.forbidden_aggregates ?? []), ...uuids])
}

export function requireTrait(spec: RequestSpec, trait: string): void {
  const { request_level_params: params } = spec
  params.root_required = new Set([...params.root_required, trait])
}

export function forbidTrait(spec: RequestSpec, trait: string): void {
  const { request_level_params: params } = spec
  params.root_forbidden = new Set([...params.root_forbidden, trait])
}
