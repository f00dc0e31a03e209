import { type ClientErrorCode, isClientError } from '@micronova/clients'

/** Placement, or Keystone before it, cannot be asked at present; whatever is wrong, it is not with this request. */
const unusable: readonly ClientErrorCode[] = ['unreachable', 'timeout', 'unauthorized', 'no_endpoint', 'no_credentials']

export function isUnusable(err: unknown): err is Error {
  return isClientError(err, ...unusable)
}
