/** The user asked for something that cannot be: one sentence for stderr, exit status 2, no stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'usage'
  readonly exitStatus = 2
}

/** What the user asked for did not work: one sentence for stderr, exit status 1, no stack. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly code = 'failed'
  readonly exitStatus = 1
}
