import { inspect } from 'node:util'
import { maskSecrets } from './mask-secrets.js'

/** Enough for any honest stack; an error that carries a whole document is cut. */
const maxErrorLength = 65_536
/** Deeper chains of causes than this are cut. */
const maxDepth = 10

/**
 * An error with its stack, its causes (`Caused by: `) and the members of an AggregateError, as lines without secrets.
 * Never throws, whatever was thrown.
 */
export function errorLines(err: unknown): string[] {
  return guarded(() => maskSecrets(cut(describe(err, new Set()), maxErrorLength))).split('\n')
}

/** `Name: message` of an error, without secrets: the mnemonic at the end of a warning's line. */
export function errorSummary(err: unknown): string {
  return guarded(() => maskSecrets(cut(headline(err), maxErrorLength))).trimEnd()
}

/** `text`, or its beginning and how much is missing. */
export function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength)}... (${text.length - maxLength} more characters)`
}

function describe(err: unknown, seen: Set<unknown>): string {
  if (seen.has(err)) return `${headline(err)} (shown above)`
  seen.add(err)
  const parts = [headline(err) + frames(err), ...remoteTraceback(err)]
  if (seen.size >= maxDepth) return parts.join('\n')
  if (err instanceof AggregateError)
    err.errors.forEach((member, index) => {
      parts.push(`Error ${index + 1} of ${err.errors.length}: ${describe(member, seen)}`)
    })
  if (err instanceof Error && err.cause !== undefined && err.cause !== null) parts.push(`Caused by: ${describe(err.cause, seen)}`)
  return parts.join('\n')
}

/** Not the first line of the stack: that was written when the error was made, before a subclass had its name. */
function headline(err: unknown): string {
  if (!(err instanceof Error)) return `thrown: ${typeof err === 'string' ? err : inspect(err, { depth: 2, breakLength: Infinity })}`
  return err.message === '' ? err.name : `${err.name}: ${err.message}`
}

function frames(err: unknown): string {
  const stack = err instanceof Error && typeof err.stack === 'string' ? err.stack : ''
  const start = stack.search(/\n {4}at /)
  return start < 0 ? '' : stack.slice(start)
}

/** What a peer has sent along: the `traceback` of an error that happened there, line by line. */
function remoteTraceback(err: unknown): string[] {
  if (!(err instanceof Error) || !('traceback' in err) || !Array.isArray(err.traceback)) return []
  return err.traceback.map((line) => String(line).trimEnd())
}

function guarded(make: () => string): string {
  try {
    return make()
  } catch {
    return '<error that cannot be printed>'
  }
}
