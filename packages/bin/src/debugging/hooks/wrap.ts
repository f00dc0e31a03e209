import type { Endpoint, RemoteMethod } from '@micronova/messaging'
import type { RequestContext } from '@micronova/model'
import type { PeriodicTask } from '@micronova/service'
import { CommandFailed } from '../../usage-error.js'
import type { Call, Decorator } from './decorator.js'
import { classOf } from './plan.js'

/** What is put around the operations of one module. */
export interface Wrapping {
  readonly module: string
  /** The first is the innermost. */
  readonly decorators: readonly Decorator[]
}

/**
 * `endpoints` with the decorators around each method of the module. Parameters, expected errors, and with them everything that the
 * RPC server does around a method, stay as they are.
 *
 * @throws CommandFailed if a decorator refuses, or makes something else than a function
 */
export function wrapEndpoints(endpoints: readonly Endpoint<RequestContext>[], wrapping: Wrapping): readonly Endpoint<RequestContext>[] {
  return endpoints.map((endpoint) => {
    const className = classOf(wrapping.module, endpoint.target.namespace)
    if (className === undefined) return endpoint
    const wrapped = Object.entries(endpoint.methods).map(([method, remote]): [string, RemoteMethod<RequestContext>] => [
      method,
      { ...remote, run: decorated(`${wrapping.module}.${className}.${method}`, (...call) => remote.run(...call), wrapping) },
    ])
    return { ...endpoint, methods: Object.fromEntries(wrapped) }
  })
}

/**
 * `tasks` with the decorators around each run.
 *
 * @param newContext of an administrator, for the decorators: a task makes its own
 * @throws CommandFailed as `wrapEndpoints`
 */
export function wrapTasks(tasks: readonly PeriodicTask[], wrapping: Wrapping, newContext: () => RequestContext): readonly PeriodicTask[] {
  return tasks.map((task) => {
    const name = `${wrapping.module}.${classOf(wrapping.module, null)}.${task.name}`
    const run = decorated(name, (_ctx, _args, signal) => task.run(signal), wrapping)
    return {
      name: task.name,
      runImmediately: task.runImmediately,
      ...(task.externalProcessOk === undefined ? {} : { externalProcessOk: task.externalProcessOk }),
      spacingSeconds: () => task.spacingSeconds(),
      run: async (signal) => {
        await run(newContext(), {}, signal)
      },
    }
  })
}

function decorated(name: string, call: Call, { decorators }: Wrapping): Call {
  const outermost = decorators.reduce<Call>((inner, decorator) => decorate(name, inner, decorator), call)
  return async (ctx, args, signal) => outermost(ctx, args, signal)
}

function decorate(name: string, inner: Call, decorator: Decorator): Call {
  let made: unknown
  try {
    made = decorator(name, inner)
  } catch (err) {
    throw new CommandFailed(`monkey_patch_modules: the decorator of ${name} threw: ${err instanceof Error ? err.message : String(err)}`)
  }
  if (typeof made !== 'function') throw new CommandFailed(`monkey_patch_modules: the decorator of ${name} returned no function`)
  return made as Call
}
