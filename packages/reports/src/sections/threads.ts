import { readFileSync } from 'node:fs'
import type { FrameModel, Section, ThreadModel } from '../model.js'

/** Deeper, a stack says no more about where a program is. */
const mostFrames = 60
/** A line of a bundle may be a whole file. */
const longestCode = 120

/**
 * The stack of whoever calls this, outermost first.
 *
 * @param above the innermost function that is left out, with all that it called
 */
export function stackHere(above: (...args: never[]) => unknown): FrameModel[] {
  const { stackTraceLimit, prepareStackTrace } = Error
  const holder: { stack?: NodeJS.CallSite[] } = {}
  try {
    Error.stackTraceLimit = mostFrames
    Error.prepareStackTrace = (_, sites) => sites
    Error.captureStackTrace(holder, above)
    const sources = new Map<string, readonly string[]>()
    return (holder.stack ?? []).map((site) => frameOf(site, sources)).reverse()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    Error.prepareStackTrace = prepareStackTrace
  }
}

function frameOf(site: NodeJS.CallSite, sources: Map<string, readonly string[]>): FrameModel {
  const filename = site.getFileName()?.replace(/^file:\/\//, '') ?? '<anonymous>'
  const line = site.getLineNumber() ?? 0
  const type = site.isToplevel() ? null : site.getTypeName()
  const name = site.getFunctionName() ?? '<anonymous>'
  return { filename, line, name: type === null || name.includes('.') ? name : `${type}.${name}`, code: codeAt(filename, line, sources) }
}

function codeAt(filename: string, line: number, sources: Map<string, readonly string[]>): string | null {
  const lines = sources.get(filename) ?? linesOf(filename)
  sources.set(filename, lines)
  return lines[line - 1]?.trim().slice(0, longestCode) ?? null
}

/** None if it cannot be read: a part of Node itself. */
function linesOf(filename: string): readonly string[] {
  try {
    return filename.startsWith('/') ? readFileSync(filename, 'utf8').split('\n') : []
  } catch {
    return []
  }
}

/** @param notes what is known of the thread besides */
export function threadsSection(pid: number, notes: readonly string[], stack: readonly FrameModel[] | null): Section {
  const threads: readonly ThreadModel[] = [{ title: `Thread #${pid}`, notes, stack }]
  return { name: 'threads', title: 'Threads', form: 'threads', model: { threads } }
}
