import { type ClientError, isClientError } from '@micronova/clients'
import { type NovaError, novaError } from '@micronova/model'

/** Neutron's own names of errors. */
export type NeutronErrorType =
  | 'HostNotCompatibleWithFixedIps'
  | 'InvalidIpForNetwork'
  | 'IpAddressAlreadyAllocated'
  | 'IpAddressGenerationFailure'
  | 'IpAddressInUse'
  | 'MacAddressInUse'
  | 'NetworkNotFound'
  | 'OverQuota'
  | 'SecurityGroupNotFound'

export function isNeutronError(err: unknown, ...types: readonly NeutronErrorType[]): err is ClientError {
  const names: readonly string[] = types
  return isClientError(err) && err.serviceCode !== null && names.includes(err.serviceCode)
}

/** What is asked for is not there. */
export function isGone(err: unknown): err is ClientError {
  return isClientError(err, 'not_found')
}

/**
 * A failure of Neutron as Nova has it: errors of other services do not leave nova-compute. The user reads Neutron's own sentence
 * where there is one, and never an address.
 *
 * @param credentials whose were refused, if it is that
 * @see nova 26.2.2, `network/neutron.py`, `ClientWrapper`
 */
export function asNovaError(err: unknown, credentials: 'user' | 'admin' = 'admin'): unknown {
  if (!isClientError(err)) return err
  const options = { cause: err }
  switch (err.code) {
    case 'unauthorized':
      return novaError(credentials === 'user' ? 'Unauthorized' : 'NeutronAdminCredentialConfigurationInvalid', {}, options)
    case 'no_credentials':
      return novaError('Unauthorized', {}, options)
    case 'forbidden':
      return novaError('Forbidden', {}, { ...options, ...(err.detail === null ? {} : { message: err.detail }) })
    case 'unreachable':
    case 'timeout':
      return plainError(err, 'The network service does not answer')
    default:
      return plainError(err, err.detail ?? `The network service failed: ${err.code}`)
  }
}

function plainError(cause: ClientError, message: string): NovaError {
  return novaError('NovaException', {}, { cause, message })
}

/** @throws NovaError for what Neutron refuses or cannot do; what else `work` throws */
export async function withNovaErrors<T>(work: () => Promise<T>, credentials: 'user' | 'admin' = 'admin'): Promise<T> {
  try {
    return await work()
  } catch (err) {
    throw asNovaError(err, credentials)
  }
}
