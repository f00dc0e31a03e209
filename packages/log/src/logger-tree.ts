import type { Handler } from './handler.js'
import { levelNumbers, NOTSET } from './levels.js'
import type { LogLevel } from './logger.js'

/** What is configured for one name; the empty name is the root. */
export interface LoggerNode {
  /** NOTSET: that of the nearest configured name above. */
  readonly levelNumber: number
  readonly handlers: readonly Handler[]
  /** Whether lines go on to the handlers of the names above. */
  readonly propagate: boolean
}

/** What holds for lines of one name. */
export interface Route {
  readonly levelNumber: number
  readonly handlers: readonly Handler[]
  /** The levels whose lines must carry a call site. */
  readonly callSiteLevels: ReadonlySet<LogLevel>
}

/**
 * Levels and handlers by dotted name, as in Python's logging: the longest configured name that is a prefix decides.
 * It never changes; another configuration is another tree.
 */
export class LoggerTree {
  readonly #nodes: ReadonlyMap<string, LoggerNode>

  constructor(nodes: ReadonlyMap<string, LoggerNode>) {
    this.#nodes = nodes
  }

  get nodes(): ReadonlyMap<string, LoggerNode> {
    return this.#nodes
  }

  route(name: string): Route {
    let levelNumber: number = NOTSET
    const handlers: Handler[] = []
    let propagating = true
    for (const prefix of prefixes(name)) {
      const node = this.#nodes.get(prefix)
      if (node === undefined) continue
      if (levelNumber === NOTSET) levelNumber = node.levelNumber
      if (propagating) handlers.push(...node.handlers)
      propagating &&= node.propagate
    }
    const levels = Object.keys(levelNumbers) as LogLevel[]
    const callSiteLevels = new Set(levels.filter((level) => handlers.some((handler) => handler.needsCallSite(level))))
    return { levelNumber, handlers, callSiteLevels }
  }
}

/** `a.b.c`, `a.b`, `a` and the empty name of the root. */
function* prefixes(name: string): Generator<string> {
  for (let rest = name; rest !== ''; rest = rest.slice(0, Math.max(0, rest.lastIndexOf('.')))) yield rest
  yield ''
}
