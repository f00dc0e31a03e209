import type { Dispatcher } from './dispatcher.js'
import { levelNumbers } from './levels.js'
import type { LogBindings, LogExtra, Logger, LogLevel } from './logger.js'
import type { Route } from './logger-tree.js'

/** A Logger of a set-up logging. It keeps its level and handlers until the configuration changes. */
export class TreeLogger implements Logger {
  readonly #path: string
  readonly #dispatcher: Dispatcher
  readonly #bindings: LogBindings
  #route: Route | null = null
  #generation = 0

  /** @param path the dotted name; empty for the root */
  constructor(path: string, dispatcher: Dispatcher, bindings: LogBindings = {}) {
    this.#path = path
    this.#dispatcher = dispatcher
    this.#bindings = bindings
  }

  get name(): string {
    return this.#path === '' ? 'root' : this.#path
  }

  debug(message: string, extra?: LogExtra): void {
    this.#log('DEBUG', message, extra, this.debug)
  }
  info(message: string, extra?: LogExtra): void {
    this.#log('INFO', message, extra, this.info)
  }
  warning(message: string, extra?: LogExtra): void {
    this.#log('WARNING', message, extra, this.warning)
  }
  error(message: string, extra?: LogExtra): void {
    this.#log('ERROR', message, extra, this.error)
  }
  critical(message: string, extra?: LogExtra): void {
    this.#log('CRITICAL', message, extra, this.critical)
  }

  isEnabled(level: LogLevel): boolean {
    return levelNumbers[level] >= this.#currentRoute().levelNumber
  }
  child(suffix: string): Logger {
    const path = this.#path === '' ? osloName(suffix) : `${this.#path}.${suffix}`
    return new TreeLogger(path, this.#dispatcher, this.#bindings)
  }
  with(bindings: LogBindings): Logger {
    const logger = new TreeLogger(this.#path, this.#dispatcher, { ...this.#bindings, ...bindings })
    logger.#route = this.#route
    logger.#generation = this.#generation
    return logger
  }

  #currentRoute(): Route {
    if (this.#route === null || this.#generation !== this.#dispatcher.generation) {
      this.#route = this.#dispatcher.route(this.#path)
      this.#generation = this.#dispatcher.generation
    }
    return this.#route
  }

  #log(level: LogLevel, message: string, extra: LogExtra | undefined, below: (...args: never[]) => unknown): void {
    const route = this.#currentRoute()
    if (levelNumbers[level] < route.levelNumber) return
    const all = extra === undefined ? this.#bindings : { ...this.#bindings, ...extra }
    this.#dispatcher.dispatch(this.name, route, level, message, all, below)
  }
}

/** oslo.log puts all loggers of oslo's libraries under `oslo`: `oslo_messaging.rpc` is called `oslo.messaging.rpc`. */
function osloName(name: string): string {
  return name.replace(/^oslo_/, 'oslo.')
}
