import { type ClientError, isClientError, type ServiceProbe } from '@micronova/clients'
import { type Check, type Finding, failed, ok } from '../check.js'

export function restService(probe: ServiceProbe): Check {
  const { service, section } = probe
  return {
    name: service === 'keystone' ? `keystone (${section})` : service,
    async run(signal) {
      try {
        const version = await probe.ask(signal)
        if (service === 'keystone') return ok(`it gives a token for the credentials of [${section}]`)
        return ok(version === null ? 'it answers' : `it answers, version ${version}`)
      } catch (err) {
        if (!isClientError(err)) throw err
        return judgeRefusal(err, probe)
      }
    },
  }
}

export function judgeRefusal(
  { code, service: asked, message }: Pick<ClientError, 'code' | 'service' | 'message'>,
  { service, section }: Pick<ServiceProbe, 'service' | 'section'>,
): Finding {
  if (asked === 'identity' && service !== 'keystone')
    return failed(message, 'mend keystone first, which this one needs for its address and a token')
  const address = service === 'keystone' ? `auth_url in [${section}]` : `endpoint_override in [${section}], or the catalogue of Keystone`
  switch (code) {
    case 'unauthorized':
      return failed(message, `correct username, password, project and domains in [${section}]`)
    case 'forbidden':
      return failed(message, `give the user of [${section}] the role that the service wants, service or admin`)
    case 'unreachable':
    case 'timeout':
      return failed(message, `start the service, or correct ${address}`)
    case 'not_found':
    case 'bad_response':
    case 'rejected':
      return failed(message, `something else answers there: correct ${address}`)
    case 'no_endpoint':
      return failed(message, `register the service in Keystone, or set valid_interfaces, region_name or endpoint_override in [${section}]`)
    case 'configuration':
    case 'no_credentials':
      return failed(message, `complete [${section}]`)
    default:
      return failed(message, 'see the log of the service that was asked')
  }
}
