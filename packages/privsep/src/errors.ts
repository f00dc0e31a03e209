/**
 * What went wrong with a privileged call; `ran` says what state it leaves behind.
 *
 * | code | what happened | ran |
 * | --- | --- | --- |
 * | `start_failed` | there is no helper: its command failed, or it could not drop its privileges | no |
 * | `refused` | the helper does not know the function, or its arguments are not what it takes | no |
 * | `too_large`, `too_many_calls` | a limit of the channel | no |
 * | `stopped` | the service is stopping | no |
 * | `helper_died` | the helper ended while it had the call | perhaps |
 * | `timeout` | the helper did not answer and was given up | perhaps |
 * | `failed` | the function has failed; see PrivilegedCallFailed | yes |
 */
export type PrivsepErrorCode =
  | 'start_failed'
  | 'refused'
  | 'too_large'
  | 'too_many_calls'
  | 'stopped'
  | 'helper_died'
  | 'timeout'
  | 'failed'

/** Root of everything this package throws. Switch on `code`; do not parse `message`. */
export class PrivsepError extends Error {
  override readonly name: string = 'PrivsepError'
  readonly code: PrivsepErrorCode

  constructor(code: PrivsepErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** The function ran in the helper and failed. */
export class PrivilegedCallFailed extends PrivsepError {
  override readonly name = 'PrivilegedCallFailed'
  /** `command_failed`: a command ended with an error; `error`: anything else. */
  readonly kind: string
  /** Of a failed command; null if it did not end by itself. */
  readonly exitStatus: number | null
  readonly stderr: string

  constructor(
    call: string,
    failure: { readonly kind: string; readonly message: string; readonly exitStatus: number | null; readonly stderr: string },
  ) {
    super('failed', `${call} failed: ${failure.message}`)
    this.kind = failure.kind
    this.exitStatus = failure.exitStatus
    this.stderr = failure.stderr
  }
}
