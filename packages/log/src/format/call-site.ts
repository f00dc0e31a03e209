import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where a line was logged from. */
export interface CallSite {
  readonly functionName: string
  readonly path: string
  readonly line: number
}

export const unknownCallSite: CallSite = { functionName: '<unknown>', path: '<unknown>', line: 0 }

/** Places in the code that log are few; this many frames are kept in their parsed form. */
const maxKnownFrames = 2_000

/**
 * Finds callers. That costs some microseconds, so it is asked for only where a format shows the place of a line:
 * by default for DEBUG lines.
 */
export class CallSites {
  readonly #known = new Map<string, CallSite>()

  /** The caller of `below`. */
  above(below: (...args: never[]) => unknown): CallSite {
    const frame = frameAbove(below)
    let site = this.#known.get(frame)
    if (site === undefined) {
      if (this.#known.size >= maxKnownFrames) this.#known.clear()
      site = parseFrame(frame)
      this.#known.set(frame, site)
    }
    return site
  }
}

function frameAbove(below: (...args: never[]) => unknown): string {
  const holder: { stack?: string } = {}
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 1 // a stack of ten frames costs four times as much: `npm run bench -- log`
  Error.captureStackTrace(holder, below)
  Error.stackTraceLimit = limit
  return holder.stack?.split('\n', 2)[1] ?? ''
}

/** `    at async Foo.bar [as baz] (file:///x/y.js:1:2)`, or without a name `    at /x/y.js:1:2`. */
export function parseFrame(frame: string): CallSite {
  const match = /^\s*at (?:(.+?) \()?(.+?):(\d+):\d+\)?$/.exec(frame)
  if (match === null) return unknownCallSite
  const [, name, path = '', line] = match
  return {
    functionName: name?.replace(/^(?:async|new) /, '').replace(/ \[as .*\]$/, '') ?? '<module>',
    path: path.startsWith('file://') ? fileURLToPath(path) : path,
    line: Number(line),
  }
}

/** `manager` of `/x/compute/manager.js`. */
export function moduleOf(site: CallSite): string {
  return basename(site.path).replace(/\.[^.]*$/, '')
}
