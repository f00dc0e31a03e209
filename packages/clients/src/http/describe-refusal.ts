import { maskSecrets } from '@micronova/log'
import { ClientError, type ClientErrorRequest } from '../errors.js'
import { codeOfStatus } from './status-code.js'

/** Longer texts are cut: a refusal ends up in logs and in faults. */
const longestDetail = 500

/**
 * The error for a refused request. Reads Placement's `{"errors": [{"code", "detail"}]}`, Neutron's `{"NeutronError": {"type", "message"}}`,
 * Cinder's `{"badRequest": {"message"}}`, Keystone's `{"error": {"message"}}`, and the pages for people that Glance sends.
 */
export function describeRefusal(
  request: ClientErrorRequest,
  response: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string },
): ClientError {
  const { status, headers, text } = response
  const { detail, serviceCode } = reasonOf(parsed(text)) ?? { detail: plain(text), serviceCode: null }
  const shown = maskSecrets(detail).slice(0, longestDetail)
  const isOverQuota = serviceCode === 'OverQuota'
  const requestId = headers['x-openstack-request-id'] ?? headers['x-compute-request-id']
  const message = `${request.service} refused ${request.method} ${request.path} with ${status}${shown === '' ? '' : `: ${shown}`}`
  return new ClientError(isOverQuota ? 'over_quota' : codeOfStatus(status), message, {
    ...request,
    status,
    ...(serviceCode === null ? {} : { serviceCode }),
    ...(shown === '' ? {} : { detail: shown }),
    ...(requestId === undefined ? {} : { responseRequestId: requestId }),
  })
}

interface Reason {
  readonly detail: string
  readonly serviceCode: string | null
}

function reasonOf(body: unknown): Reason | null {
  const [first] = entriesOf(body)
  if (first === undefined) return null
  const [name, value] = first
  const error = Object.fromEntries(entriesOf(name === 'errors' && Array.isArray(value) ? value[0] : value))
  if (name === 'NeutronError' && typeof value === 'string') return { detail: oneLine(value), serviceCode: null }
  const [texts, code] = name === 'NeutronError' ? [[error['message']], error['type']] : [[error['detail'], error['message']], error['code']]
  const text = texts.find((one) => typeof one === 'string' && one !== '')
  if (typeof text !== 'string') return null
  return { detail: oneLine(text), serviceCode: typeof code === 'string' ? code : null }
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** A page for people without its tags; the title says the same as the heading. */
function plain(text: string): string {
  return oneLine(text.replace(/<title>[\s\S]*?<\/title>/g, '').replace(/<[^>]*>/g, ' '))
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
