import { InvalidTransportUrl } from './errors.js'

/** Where a broker listens and as whom we log in. */
export interface BrokerHost {
  readonly hostname: string
  readonly port: number
  readonly username: string
  readonly password: string
}

export interface RabbitUrl {
  readonly scheme: 'rabbit'
  /** At least one, in the order written. */
  readonly hosts: readonly BrokerHost[]
  readonly virtualHost: string
  /** Options of `[oslo_messaging_rabbit]` that the URL overrides, as texts. A repeated one is joined by commas. */
  readonly query: Readonly<Record<string, string>>
}

export interface MemoryUrl {
  readonly scheme: 'memory'
}

export type TransportUrl = RabbitUrl | MemoryUrl

const form = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?$/i
const defaultPort = 5672

/**
 * Read a `transport_url`: `rabbit://user:pass@host:port[,user:pass@host:port...]/vhost?option=value`, or `memory://`.
 * User, password, vhost and values are percent-encoded; an IPv6 address stands in brackets. What is left out is
 * `guest`, `guest`, `localhost`, 5672, `/`.
 *
 * @throws InvalidTransportUrl naming the part that is wrong, never the password
 * @see oslo.messaging 14.0.3, `transport.py`, `TransportURL.parse`
 */
export function parseTransportUrl(text: string): TransportUrl {
  const parts = form.exec(text)
  if (parts === null) throw new InvalidTransportUrl('transport_url is not of the form scheme://user:password@host:port/vhost')
  const [, scheme = '', hosts = '', path = '', query = ''] = parts
  if (scheme === 'memory') return { scheme: 'memory' }
  if (scheme !== 'rabbit' && scheme !== 'kombu')
    throw new InvalidTransportUrl(`transport_url has scheme '${scheme}'; 'rabbit' and 'memory' are supported`)
  return { scheme: 'rabbit', hosts: parseHosts(hosts), virtualHost: decode(path.slice(1), 'virtual host') || '/', query: parseQuery(query) }
}

function parseHosts(text: string): BrokerHost[] {
  const hosts = text
    .split(',')
    .filter((host) => host !== '')
    .map((host, index) => parseHost(host, `host ${index + 1}`))
  return hosts.length > 0 ? hosts : [{ hostname: 'localhost', port: defaultPort, username: 'guest', password: 'guest' }]
}

function parseHost(text: string, what: string): BrokerHost {
  const at = text.lastIndexOf('@')
  const [hostname, port] = splitPort(text.slice(at + 1), what)
  if (at === -1) return { hostname, port, username: 'guest', password: 'guest' }
  const credentials = text.slice(0, at)
  const colon = credentials.indexOf(':')
  return {
    hostname,
    port,
    username: decode(colon === -1 ? credentials : credentials.slice(0, colon), `user name of ${what}`),
    password: colon === -1 ? '' : decode(credentials.slice(colon + 1), `password of ${what}`),
  }
}

function splitPort(text: string, what: string): [hostname: string, port: number] {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(text)
  if (parts === null)
    throw new InvalidTransportUrl(`transport_url: the address of ${what} cannot be read; an IPv6 address stands in brackets`)
  const [, ipv6, name, port = ''] = parts
  const hostname = ipv6 ?? name ?? ''
  if (hostname === '') throw new InvalidTransportUrl(`transport_url: ${what} has no host name`)
  if (port === '') return [hostname, defaultPort]
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535)
    throw new InvalidTransportUrl(`transport_url: the port of ${what} (${hostname}) is not a number from 1 to 65535`)
  return [hostname, Number(port)]
}

function parseQuery(text: string): Record<string, string> {
  const query: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(text)) query[name] = name in query ? `${query[name]},${value}` : value
  return query
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text)
  } catch (err) {
    throw new InvalidTransportUrl(`transport_url: the ${what} is not percent-encoded UTF-8`, { cause: err })
  }
}
