import type { Clock } from '@micronova/lifecycle'
import { doneOrAborted } from '@micronova/lifecycle'
import type { Logger } from '@micronova/log'
import { PrivsepError } from '../errors.js'
import type { PrivsepSettings } from '../options.js'
import type { Arguments } from '../privileged/arguments.js'
import type { ChannelValue, PrivilegedFunction, PrivilegedModules, PrivsepContext } from '../privileged/definition.js'
import { type HelperDefaults, helperCommand } from './helper-command.js'
import { type HelperFacts, HelperProcess } from './helper-process.js'

export interface PrivsepDeps {
  readonly log: Logger
  /** The logger of a name: `logger_name` of the section. */
  readonly getLogger: (name: string) => Logger
  readonly clock: Clock
}

export interface PrivsepOptions {
  readonly settings: PrivsepSettings
  readonly defaults: HelperDefaults
}

export interface CallOptions {
  /**
   * After it the helper counts as hung and is given up, with all that it has in hand. Default: 150 s, which is longer than any command
   * that it runs may take (`ovs_vsctl_timeout`, 120 s).
   */
  readonly timeoutMs?: number
}

const defaultTimeoutMs = 150_000

type Callable<F> = F extends PrivilegedFunction<infer A, infer R> ? (args: Arguments<A>, options?: CallOptions) => Promise<R> : never

/** The functions of a context as a service calls them: `privileged.links.setMtu({ device, mtu })`. */
export type Privileged<M extends PrivilegedModules> = {
  readonly [Module in keyof M]: { readonly [Name in keyof M[Module]]: Callable<M[Module][Name]> }
}

/**
 * The helper of one context, as a service has it. It is started by the first call, and again by the first call after its end.
 *
 *     idle --call--> starting --ready--> running --end, silence--> idle
 *                        '----failed----------------------------->'
 *
 * A call that had been sent when the helper ended is rejected and never sent again; those that came while it started wait for it.
 */
export class PrivsepHelper<M extends PrivilegedModules> {
  /** Reject with PrivsepError. */
  readonly privileged: Privileged<M>
  readonly #deps: PrivsepDeps
  readonly #context: PrivsepContext<M>
  readonly #options: PrivsepOptions
  #helper: Promise<HelperProcess> | null = null
  #latest: HelperProcess | null = null
  #started = 0
  #stopping = false
  readonly #halt = new AbortController()
  readonly #inHand = new Set<Promise<unknown>>()

  /** Starts nothing. */
  constructor(deps: PrivsepDeps, context: PrivsepContext<M>, options: PrivsepOptions) {
    this.#deps = deps
    this.#context = context
    this.#options = options
    this.privileged = this.#callables()
  }

  /** For a report: its state, and how often a helper was started. */
  get status(): { readonly context: string; readonly running: boolean; readonly started: number } {
    return { context: this.#context.name, running: this.#latest?.alive ?? false, started: this.#started }
  }

  /** Why the helper could not be started, as far as the configuration tells without starting it; null if nothing speaks against it. */
  misconfigured(): string | null {
    try {
      this.#command()
      return null
    } catch (err) {
      return (err as Error).message
    }
  }

  /**
   * Start the helper without calling anything, unless it runs; what it says of itself.
   *
   * @throws PrivsepError
   */
  async start(): Promise<HelperFacts | null> {
    return (await this.#running('the start')).facts
  }

  /** Takes no new calls, waits for those in hand until `deadline`, and ends the helper: half a second at most. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopping = true
    await doneOrAborted(Promise.allSettled(this.#inHand), deadline)
    if (!this.#latest?.alive) await doneOrAborted(Promise.allSettled([this.#helper]), deadline)
    this.#halt.abort() // one that has not come up by the deadline
    const helper = await this.#helper?.catch(() => null)
    await helper?.stop()
  }

  #callables(): Privileged<M> {
    const modules = Object.entries(this.#context.modules).map(([module, functions]) => {
      const calls = Object.keys(functions).map((name) => [name, this.#callable(`${module}.${name}`)])
      return [module, Object.fromEntries(calls)]
    })
    return Object.fromEntries(modules)
  }

  #callable(wireName: string): (args: unknown, options?: CallOptions) => Promise<ChannelValue> {
    return (args, { timeoutMs = defaultTimeoutMs } = {}) => {
      const call = this.#call(wireName, args, timeoutMs)
      const settled = call.catch(() => {}).finally(() => this.#inHand.delete(settled))
      this.#inHand.add(settled)
      return call
    }
  }

  async #call(name: string, args: unknown, timeoutMs: number): Promise<ChannelValue> {
    const helper = await this.#running(name)
    if (this.#stopping && !helper.alive) throw new PrivsepError('stopped', `${name} was not sent: the privsep helper has been stopped`)
    return helper.call(name, args, timeoutMs)
  }

  /** The helper that runs or starts; a new one if that has ended. One try for each call: a helper that dies at once is not started for ever. */
  async #running(name: string): Promise<HelperProcess> {
    if (this.#stopping) throw new PrivsepError('stopped', `${name} was not sent: the privsep helper is being stopped`)
    const known = this.#helper
    if (known !== null) {
      const helper = await known
      if (helper.alive || this.#stopping) return helper
      if (this.#helper === known) this.#helper = null // the first of those who waited starts the next, for all of them
    }
    this.#helper ??= this.#start()
    return this.#helper
  }

  #start(): Promise<HelperProcess> {
    const starting = this.#spawn()
    starting.then(
      (helper) => {
        this.#latest = helper
      },
      () => {
        if (this.#helper === starting) this.#helper = null
      },
    )
    return starting
  }

  async #spawn(): Promise<HelperProcess> {
    const command = this.#command()
    if (this.#started++ > 0) this.#deps.log.warning(`RESTARTING PrivContext for ${this.#context.name}`)
    const helper = await HelperProcess.start(
      { log: this.#deps.log, helperLog: this.#deps.getLogger(this.#options.settings.logger_name), clock: this.#deps.clock },
      command,
      this.#halt.signal,
    )
    this.#deps.log.info('Spawned new privsep daemon via rootwrap')
    return helper
  }

  #command(): readonly string[] {
    return helperCommand(this.#context, this.#options.settings, this.#options.defaults)
  }
}
