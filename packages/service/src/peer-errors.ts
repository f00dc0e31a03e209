/**
 * True for the error of a call that no one answered in time. This package knows no messaging: it goes by the `code`
 * that `MessagingTimeout` carries.
 */
export function isTimeout(err: unknown): boolean {
  return err instanceof Error && 'code' in err && err.code === 'timeout'
}

/** True for one of Nova's own errors, by the `kind` that `NovaError` carries: `ServiceNotFound`. */
export function isNovaError(err: unknown, ...kinds: readonly string[]): boolean {
  return err instanceof Error && 'kind' in err && typeof err.kind === 'string' && kinds.includes(err.kind)
}
