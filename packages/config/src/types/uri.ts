import { isIPv6 } from 'node:net'
import type { OptionLimits } from '../declare.js'
import type { Conversion } from './conversion.js'

const plain = "[\\w.~!$&'()*+,;=-]|%[0-9a-f]{2}"
const whole = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^\\/?#]*))?([^?#]*)/i
const authorityParts = new RegExp(`^(?:(?:${plain}|:)+@)?((?:${plain})*|\\[[^\\]]*\\]):?(?:\\d{1,5})?$`, 'i')
const bareIpv4 = /^(\d{1,3}\.){3}\d{1,3}$/
const futureAddress = /^v[0-9a-f]+\.[\w.~!$&'()*+,;=:-]+$/i

/**
 * A URI with scheme and host, judged by RFC 3986.
 *
 * @see oslo.config 9.0.0, `types.URI`; rfc3986 1.5.0, `validators.py`
 */
export function convertUri(text: string, { schemes, maxLength }: OptionLimits): Conversion<string> {
  const [, scheme, authority, path] = whole.exec(text) ?? []
  if (scheme === undefined) return { why: 'a URI must begin with a scheme, as in http://' }
  const host = authority ? authorityParts.exec(authority)?.[1] : undefined
  if (host === undefined || !isHost(host)) return { why: 'the URI has no valid host' }
  // Everything else that has no place in a path is taken as if it were percent-encoded.
  if (/[[\]]/.test(path ?? '')) return { why: 'the path of the URI must not hold brackets' }
  if (schemes !== undefined && !schemes.includes(scheme)) return { why: `the scheme must be one of ${schemes.join(', ')}` }
  if (maxLength !== undefined && [...text].length > maxLength) return { why: `longer than ${maxLength} characters` }
  return { value: text }
}

function isHost(host: string): boolean {
  if (bareIpv4.test(host)) return host.split('.').every((byte) => Number(byte) <= 255)
  if (!host.startsWith('[')) return true
  const [address, zone] = host.slice(1, -1).split('%25', 2)
  if (zone === '') return false
  return futureAddress.test(address!) || (isIPv6(address!) && !address!.includes('%'))
}
