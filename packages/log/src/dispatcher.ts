import type { Clock } from '@micronova/lifecycle'
import { CallSites } from './format/call-site.js'
import { cut } from './format/error-text.js'
import { maskSecrets } from './format/mask-secrets.js'
import { levelNumbers } from './levels.js'
import type { LogExtra, LogLevel } from './logger.js'
import type { LoggerTree, Route } from './logger-tree.js'
import type { RateLimit } from './rate-limit.js'
import { errorParts, type LogRecord } from './record.js'

/** Looking for secrets takes time that grows with the text: a longer message would hold up everything else. */
const maxMessageLength = 65_536

/** Messages that are known to mean nothing, as Nova suppresses them. @see nova 26.2.2, `config.py`, bug 1825584 */
const noise = { logger: 'oslo.messaging._drivers.impl_rabbit', message: 'Unexpected error during heartbeat thread processing' }

/** Where all loggers of a process meet: makes records of lines and gives them to the handlers of the present tree. */
export class Dispatcher {
  readonly #clock: Clock
  readonly #rateLimit: RateLimit | null
  readonly #callSites = new CallSites()
  #tree: LoggerTree
  #generation = 0
  #failed = 0

  constructor(tree: LoggerTree, clock: Clock, rateLimit: RateLimit | null) {
    this.#tree = tree
    this.#clock = clock
    this.#rateLimit = rateLimit
  }

  /** Changes with the tree: loggers keep their route as long as it is the same. */
  get generation(): number {
    return this.#generation
  }
  get tree(): LoggerTree {
    return this.#tree
  }
  /** Lines that could not even be formatted. */
  get failed(): number {
    return this.#failed
  }

  use(tree: LoggerTree): void {
    this.#tree = tree
    this.#generation += 1
  }

  route(name: string): Route {
    return this.#tree.route(name)
  }

  /** @param below the function whose caller is shown as the place of the line. Never throws. */
  dispatch(name: string, route: Route, level: LogLevel, message: string, extra: LogExtra, below: (...args: never[]) => unknown): void {
    try {
      if (name === noise.logger && message.includes(noise.message)) return
      if (!this.#passesRateLimit(level)) return
      const record = this.#record(name, level, message, extra)
      const located = route.callSiteLevels.has(level) ? { ...record, callSite: this.#callSites.above(below) } : record
      for (const handler of route.handlers) handler.handle(located)
    } catch {
      this.#failed += 1
    }
  }

  #passesRateLimit(level: LogLevel): boolean {
    const verdict = this.#rateLimit?.judge(levelNumbers[level]) ?? 'pass'
    if (verdict === 'first_dropped') {
      const notice = this.#record('root', 'ERROR', this.#rateLimit?.notice ?? '', {})
      for (const handler of this.route('').handlers) handler.handle(notice)
    }
    return verdict === 'pass'
  }

  #record(name: string, level: LogLevel, message: string, extra: LogExtra): LogRecord {
    return {
      name,
      level,
      timeMs: this.#clock.now(),
      message: maskSecrets(cut(String(message), maxMessageLength)),
      context: extra.context ?? null,
      instanceUuid: extra.instanceUuid ?? null,
      callSite: null,
      ...errorParts(extra.err, level),
    }
  }
}
