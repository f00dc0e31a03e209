import { PythonError } from '@micronova/messaging'
import { NovaError } from '@micronova/model'

/** MySQL cuts what is longer, PostgreSQL refuses it. */
const maxMessageBytes = 255

/**
 * What a user may read about `err`: the message of Nova's own errors, of any other only its class, as its message may
 * hold what is none of the user's business.
 * @see nova 26.2.2, `compute/utils.py`, `exception_to_dict`
 */
export function userMessage(err: unknown): string {
  if (err instanceof NovaError) return err.message
  if (err instanceof PythonError) return err.className
  return err instanceof Error ? err.name : 'Exception'
}

/** What an operator reads in a line of the log. */
export function messageOf(err: unknown): string {
  return err instanceof Error ? err.message : String(err)
}

/** What an operator may read: stack and causes. */
export function traceback(err: unknown): string {
  if (!(err instanceof Error)) return String(err)
  const own = err.stack ?? `${err.name}: ${err.message}`
  return err.cause === undefined ? own : `${traceback(err.cause)}\n\nThe above was the cause of:\n\n${own}`
}

/** At most 255 bytes of UTF-8, cut between characters. */
export function shortened(message: string): string {
  const bytes = Buffer.from(message)
  if (bytes.length <= maxMessageBytes) return message
  let end = maxMessageBytes
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.toString('utf8', 0, end)
}

/** As the event of an action keeps it, for its user and for an operator. */
export interface FailureText {
  readonly message: string
  readonly traceback: string
}

export function failureText(err: unknown): FailureText {
  return { message: shortened(userMessage(err)), traceback: traceback(err) }
}
