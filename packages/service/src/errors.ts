/** Root of everything this package throws. Switch on `code`; do not parse `message`. */
export abstract class ServiceError extends Error {
  abstract readonly code:
    | 'unknown_manager'
    | 'invalid_workers'
    | 'already_served'
    | 'temporary_folder'
    | 'start_cancelled'
    | 'looping_call_timeout'
}

/** The configured class is none of those that this program has. Nothing was started. */
export class UnknownManager extends ServiceError {
  override readonly name = 'UnknownManager'
  readonly code = 'unknown_manager'
  /** The dotted Python path that was asked for; null if the binary has no default either. */
  readonly className: string | null
  constructor(binary: string, className: string | null, known: readonly string[]) {
    const wanted = className === null ? `${binary} has no manager of its own` : `${binary} cannot run the manager ${className}`
    super(`${wanted}; this program has ${known.length > 0 ? known.join(', ') : 'none'}`)
    this.className = className
  }
}

/** A number of workers that cannot be had. Nothing was started. */
export class InvalidWorkers extends ServiceError {
  override readonly name = 'InvalidWorkers'
  readonly code = 'invalid_workers'
}

/** A launcher serves once. The first service runs on. */
export class AlreadyServed extends ServiceError {
  override readonly name = 'AlreadyServed'
  readonly code = 'already_served'
  constructor() {
    super('serve() can only be called once')
  }
}

/** Nothing can be written where temporary files go. */
export class BadTemporaryFolder extends ServiceError {
  override readonly name = 'BadTemporaryFolder'
  readonly code = 'temporary_folder'
  constructor(folder: string, cause: unknown) {
    const why = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : ''
    super(`the temporary folder ${folder} cannot be written to${why}; see the option tempdir`, { cause })
  }
}

/** The service was told to stop before it was up. What had been started was stopped again. */
export class StartCancelled extends ServiceError {
  override readonly name = 'StartCancelled'
  readonly code = 'start_cancelled'
  constructor() {
    super('the service was stopped while it was starting')
  }
}

/** A back-off loop would have waited longer than it may. Its function is not called again. */
export class LoopingCallTimeout extends ServiceError {
  override readonly name = 'LoopingCallTimeout'
  readonly code = 'looping_call_timeout'
  constructor(seconds: number) {
    super(`looping call timed out after ${seconds.toFixed(2)} seconds`)
  }
}
