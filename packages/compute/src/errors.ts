/** Root of everything that this package throws of its own. What a peer shall see is a `NovaError` instead. */
export abstract class ComputeError extends Error {
  abstract readonly code: 'journal_full' | 'journal_failed' | 'event_timeout' | 'provider_config'
}

/** More unfinished work is written down than the journal may hold. Nothing was written; the message goes back to its queue. */
export class JournalFull extends ComputeError {
  override readonly name = 'JournalFull'
  readonly code = 'journal_full'
  constructor(path: string, maxBytes: number) {
    super(`${path} holds ${maxBytes} bytes of unfinished work and takes no more`)
  }
}

/** The journal's file could not be read, written or synced. What was accepted before is still in it. */
export class JournalFailed extends ComputeError {
  override readonly name = 'JournalFailed'
  readonly code = 'journal_failed'
  constructor(action: string, path: string, options: ErrorOptions) {
    super(`cannot ${action} the journal ${path}`, options)
  }
}

/** Another service did not tell in time what an operation waits for. It may still happen. */
export class InstanceEventTimeout extends ComputeError {
  override readonly name = 'InstanceEventTimeout'
  readonly code = 'event_timeout'
  readonly missing: readonly string[]
  constructor(missing: readonly string[], timeoutSeconds: number) {
    super(`${missing.join(', ')} did not come within ${timeoutSeconds} s`)
    this.missing = missing
  }
}

/** A file of `[compute] provider_config_location` cannot be used. At a start nothing has begun; later the provider stays as it was. */
export class ProviderConfigInvalid extends ComputeError {
  override readonly name = 'ProviderConfigInvalid'
  readonly code = 'provider_config'
  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`the provider config file ${file} is wrong: ${problem}`, options)
  }
}
