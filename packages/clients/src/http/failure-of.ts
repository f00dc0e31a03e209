import { TransportFailure, type TransportFailureKind } from './transport.js'

/** What an error of Node's HTTP client means. */
export function transportFailureOf(err: unknown): TransportFailure {
  if (err instanceof TransportFailure) return err
  const code = codeOf(err)
  const message = err instanceof Error && err.message !== '' ? err.message : (code ?? 'the connection failed')
  return new TransportFailure(kindOf(code), message, { cause: err })
}

function kindOf(code: string | null): TransportFailureKind {
  if (code === null) return 'broken'
  if (notConnected.has(code)) return 'not_connected'
  if (code.startsWith('HPE_')) return 'garbled'
  return /^(ERR_SSL|ERR_TLS|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|ERR_OSSL|EPROTO)/.test(code) ? 'tls' : 'broken'
}

/** The code of an error, or of the first of those that an AggregateError holds: one for each address of a name. */
function codeOf(err: unknown): string | null {
  if (typeof err !== 'object' || err === null) return null
  if (err instanceof AggregateError && err.errors.length > 0) return codeOf(err.errors[0])
  return 'code' in err && typeof err.code === 'string' ? err.code : null
}

const notConnected = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ETIMEDOUT',
  'ERR_SOCKET_CONNECTION_TIMEOUT',
])
