/** Codes of a server that cannot be reached, or hangs up: it may be there a moment later. */
const codes = /^(ECONN[A-Z]+|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EAI_AGAIN|ENOTFOUND|ENOENT|PROTOCOL_CONNECTION_LOST)$/

export function isNetworkError(err: unknown): boolean {
  const { code } = err as { code?: unknown }
  return typeof code === 'string' && codes.test(code)
}
