import type { ArgumentSchema, Arguments } from './arguments.js'
import type { CapabilityName } from './capabilities.js'

/** What goes over the channel as an argument or a result. */
export type ChannelValue = null | boolean | number | string | readonly ChannelValue[] | { readonly [key: string]: ChannelValue }

/** What a privileged function answers, if anything. */
// biome-ignore lint/suspicious/noConfusingVoidType: most functions do something and answer nothing
export type PrivilegedResult = ChannelValue | void

/** Lines of the helper, which appear in the log of the service. */
export interface HelperLog {
  debug(message: string): void
  warning(message: string): void
}

/** What a running function has beside its arguments. */
export interface CallScope {
  readonly log: HelperLog
  /** Aborts when the service is gone: nobody waits for the result. */
  readonly signal: AbortSignal
}

/** A function that needs privileges. Runs in the helper, and nowhere else. */
export class PrivilegedFunction<A extends ArgumentSchema = ArgumentSchema, R extends PrivilegedResult = PrivilegedResult> {
  readonly args: A
  readonly run: (args: Arguments<A>, scope: CallScope) => Promise<R>

  constructor(args: A, run: (args: Arguments<A>, scope: CallScope) => Promise<R>) {
    this.args = args
    this.run = run
  }
}

/**
 * Declare a privileged function. Belongs into a `privileged/` folder.
 *
 * @example
 * export const setMtu = privileged({ device: deviceName, mtu: arg.integer(68, 65_535) }, async ({ device, mtu }, { signal }) => {
 *   await runCommand('ip', ['link', 'set', 'dev', device, 'mtu', String(mtu)], { signal })
 * })
 */
export function privileged<const A extends ArgumentSchema, R extends PrivilegedResult>(
  args: A,
  run: (args: Arguments<A>, scope: CallScope) => Promise<R>,
): PrivilegedFunction<A, R> {
  return new PrivilegedFunction(args, run)
}

/** A function whose arguments are not looked at: what the helper has in its tables. */
// biome-ignore lint/suspicious/noExplicitAny: a function takes the arguments of its own schema; `refusalOf` stands before each call
export type AnyPrivilegedFunction = PrivilegedFunction<any, any>

/** Functions by module and name; on the wire `links.setMtu`. */
export type PrivilegedModules = Readonly<Record<string, Readonly<Record<string, AnyPrivilegedFunction>>>>

/** Functions that one helper runs, with the capabilities that it holds for them. */
export interface PrivsepContext<M extends PrivilegedModules = PrivilegedModules> {
  /** As deployments know it: `vif_plug_ovs.privsep.vif_plug`. */
  readonly name: string
  /** Group of its options: `vif_plug_ovs_privileged`. */
  readonly section: string
  /** Where the options name no others. */
  readonly capabilities: readonly CapabilityName[]
  readonly modules: M
}

/** Declare a context. @throws TypeError for a module or function name that the wire cannot carry */
export function privsepContext<const M extends PrivilegedModules>(context: PrivsepContext<M>): PrivsepContext<M> {
  for (const [module, functions] of Object.entries(context.modules))
    for (const name of [module, ...Object.keys(functions)])
      if (!/^[A-Za-z]\w*$/.test(name)) throw new TypeError(`${name} cannot be a name in a privsep context`)
  return context
}

/** The function `module.name` of a context; undefined for everything else, whatever it is. */
export function findFunction(context: PrivsepContext, wireName: string): AnyPrivilegedFunction | undefined {
  const [module = '', name = '', ...rest] = wireName.split('.')
  if (rest.length > 0 || !Object.hasOwn(context.modules, module)) return undefined
  const functions = context.modules[module]
  if (functions === undefined || !Object.hasOwn(functions, name)) return undefined
  const found: unknown = functions[name]
  return found instanceof PrivilegedFunction ? found : undefined
}
