import { inspect } from 'node:util'
import { ConfigError } from '@micronova/config'

/** Errors of ours that a user can mend have a `code`, Nova's a `kind`, and their message says all; Node's own `ERR_` codes are mistakes in the program. */
export function isMendable(err: unknown): err is Error {
  return err instanceof Error && (('code' in err && !String(err.code).startsWith('ERR_')) || 'kind' in err)
}

/** One sentence for what a user can mend, with its causes as far as they say more; everything else with its stack. */
export function errorText(err: unknown): string {
  return isMendable(err) ? withCauses(err) : inspect(err)
}

function withCauses(err: Error): string {
  const { message, cause } = err
  // A ConfigError has put its cause into words.
  if (err instanceof ConfigError || !(cause instanceof Error) || message.includes(cause.message)) return message
  return `${message}: ${withCauses(cause)}`
}
