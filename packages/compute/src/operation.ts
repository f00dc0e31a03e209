import type { Json, Parameter } from '@micronova/messaging'
import type { Instance, RequestContext } from '@micronova/model'
import type { InstanceActionName } from '@micronova/notifications'
import type { ComputeParts } from './parts.js'

/** What is done around an operation; upstream stacks decorators and inner functions for it. `run-operation.ts` applies it. */
export interface OperationPolicy {
  /**
   * `run`: one operation at a time on the instance, after its event has begun. `all`: the event begins when the instance is
   * free. Absent: for operations that only look. (Upstream also lets a few operations that change a guest overlap, and
   * relies on task states to keep them apart; no message differs for that.)
   */
  readonly lock?: 'run' | 'all'
  /** Takes one of the places of `max_concurrent_builds`. */
  readonly buildSlot?: true
  /** Recorded in the instance's action, from its start to its end: `compute_reboot_instance`. */
  readonly event?: string
  /** A failure is written as a fault of the instance; not that the instance is gone. */
  readonly recordFault?: true
  /** A failure sets the task state to none; not if another operation has taken the instance over. */
  readonly revertTaskState?: true
  /** Told as `instance.<notify>.start` before the operation and `.end` after it; a failure is not told as an end. */
  readonly notify?: InstanceActionName
  /** A failure sets the migration of the arguments to `error`. */
  readonly failMigration?: true
  /** Kinds of errors, derived ones included, that a caller is prepared for: answered, and logged at DEBUG only. */
  readonly expected?: readonly string[]
}

/** The arguments of a message by wire name, deserialized. */
export type WireArguments = Readonly<Record<string, unknown>>

/** One thing that a peer may ask of nova-compute. */
export interface Operation {
  /** Wire name. */
  readonly method: string
  /** Wire parameters in the order of upstream's signature, without the context. */
  readonly parameters: readonly Parameter[]
  readonly policy: OperationPolicy
  run(parts: ComputeParts, ctx: RequestContext, args: WireArguments, signal: AbortSignal): Promise<unknown>
}

/** What the author of an operation writes. `A` is the form of the arguments inside. */
export interface OperationDefinition<A> {
  readonly method: string
  readonly parameters: readonly (string | readonly [name: string, value: Json])[]
  readonly policy: OperationPolicy
  /** From wire names and values; the one place that knows them. */
  decode(args: WireArguments): A
  run(parts: ComputeParts, ctx: RequestContext, args: A, signal: AbortSignal): Promise<unknown>
}

/** @example see `operations/reboot-instance.ts` */
export function defineOperation<A>({ method, parameters, policy, decode, run }: OperationDefinition<A>): Operation {
  return {
    method,
    parameters: parameters.map(parameter),
    policy,
    run: (parts, ctx, args, signal) => run(parts, ctx, decode(args), signal),
  }
}

export function parameter(declared: string | readonly [name: string, value: Json]): Parameter {
  return typeof declared === 'string' ? { name: declared } : { name: declared[0], default: declared[1] }
}

/** The arguments of the many operations that have but an instance. */
export function onlyInstance(args: WireArguments): { readonly instance: Instance } {
  return { instance: args.instance as Instance }
}
