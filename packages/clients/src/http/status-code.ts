import type { ClientErrorCode } from '../errors.js'

/** The code of a refusal, by its HTTP status. */
export function codeOfStatus(status: number): ClientErrorCode {
  if (status >= 500) return 'server_error'
  return codes[status] ?? 'rejected'
}

const codes: Readonly<Record<number, ClientErrorCode>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  406: 'unsupported_version',
  409: 'conflict',
  413: 'over_quota',
}
