import { NovaError } from '@micronova/model'

/** Characters of a message that the database keeps. */
const maxMessage = 255

/**
 * What a user is told of a failure. The message of an error that is none of Nova's may hold what a user must not see: its name stands
 * for it.
 *
 * @see nova 26.2.2, `compute/utils.py`, `exception_to_dict`
 */
export function faultText(err: unknown): { readonly message: string; readonly traceback: string } {
  const message = err instanceof NovaError ? err.message : err instanceof Error ? err.name : 'Error'
  return { message: message.slice(0, maxMessage), traceback: err instanceof Error ? (err.stack ?? '') : String(err) }
}
