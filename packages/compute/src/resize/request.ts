import { type Flavor, type Instance, type Migration, RequestSpec, type Selection } from '@micronova/model'
import type { Retry } from '../build/request.js'
import type { WireArguments } from '../operation.js'

type Dict = Readonly<Record<string, unknown>>

/** What nearly all messages about a move have. */
export interface MoveRequest {
  readonly instance: Instance
  readonly migration: Migration
  /** Null from peers before 5.2. */
  readonly requestSpec: RequestSpec | null
}

export function decodeMove(args: WireArguments): MoveRequest {
  return {
    instance: args.instance as Instance,
    migration: args.migration as Migration,
    requestSpec: specOf(args),
  }
}

/** The arguments of `prep_resize`. What only goes to the next host, or back to the conductor, stays as it came. */
export interface PrepResizeRequest {
  readonly instance: Instance
  readonly flavor: Flavor
  readonly image: Dict
  readonly requestSpec: RequestSpec | null
  readonly filterProperties: Dict & { readonly limits?: Dict | null; readonly retry?: Retry | null }
  /** Null: the driver's only node. */
  readonly node: string | null
  readonly cleanShutdown: boolean
  /** Null: the conductor has made no record of the move. */
  readonly migration: Migration | null
  /** Hosts to try after this one. */
  readonly hostList: readonly Selection[] | null
}

export function decodePrepResize(args: WireArguments): PrepResizeRequest {
  return {
    instance: args.instance as Instance,
    flavor: flavorOf(args),
    image: (args.image ?? {}) as Dict,
    requestSpec: specOf(args),
    filterProperties: (args.filter_properties ?? {}) as PrepResizeRequest['filterProperties'],
    node: args.node as string | null,
    cleanShutdown: args.clean_shutdown !== false,
    migration: args.migration as Migration | null,
    hostList: (args.host_list ?? null) as readonly Selection[] | null,
  }
}

export interface ResizeInstanceRequest extends MoveRequest {
  readonly flavor: Flavor
  readonly image: Dict
  readonly cleanShutdown: boolean
}

export function decodeResizeInstance(args: WireArguments): ResizeInstanceRequest {
  return {
    ...decodeMove(args),
    flavor: flavorOf(args),
    image: (args.image ?? {}) as Dict,
    cleanShutdown: args.clean_shutdown !== false,
  }
}

export interface FinishResizeRequest extends MoveRequest {
  /** What the driver of the source says of the disks. */
  readonly diskInfo: unknown
  readonly image: Dict
}

export function decodeFinishResize(args: WireArguments): FinishResizeRequest {
  return { ...decodeMove(args), diskInfo: args.disk_info ?? null, image: (args.image ?? {}) as Dict }
}

/** It had another name before compute 6.0. */
function flavorOf(args: WireArguments): Flavor {
  return (args.flavor ?? args.instance_type) as Flavor
}

/** Peers before compute 5.1 send a dict, which tells a compute nothing that it uses. */
function specOf({ request_spec: spec }: WireArguments): RequestSpec | null {
  return spec instanceof RequestSpec ? spec : null
}
