import { isIPv4, isIPv6 } from 'node:net'
import type { Conversion } from './conversion.js'

/** @see oslo.config 9.0.0, `types.IPAddress` */
export function convertIpAddress(text: string): Conversion<string> {
  return isIpAddress(text) ? { value: text } : { why: 'not an IP address' }
}

/**
 * Labels of letters, digits and hyphens, the last one not of digits alone. One dot at the end is taken off.
 *
 * @see oslo.config 9.0.0, `types.Hostname`
 */
export function convertHostname(text: string): Conversion<string> {
  return convertName(text, /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i) ?? { why: 'not a host name' }
}

/** @see oslo.config 9.0.0, `types.HostAddress` */
export function convertHostAddress(text: string): Conversion<string> {
  if (isIpAddress(text)) return { value: text }
  return convertName(text, /^(?!-)[a-z0-9-]{1,63}(?<!-)$/i) ?? { why: 'neither an IP address nor a host name' }
}

/** @see oslo.config 9.0.0, `types.HostDomain` */
export function convertHostDomain(text: string): Conversion<string> {
  if (isIpAddress(text)) return { value: text }
  return convertName(text, /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i) ?? { why: 'neither an IP address nor a host name' }
}

/** A zone (`fe80::1%eth0`) is no part of an address here. */
export function isIpAddress(text: string): boolean {
  return isIPv4(text) || (isIPv6(text) && !text.includes('%'))
}

function convertName(text: string, label: RegExp): { readonly value: string } | undefined {
  if (text.length > 253) return undefined
  const value = text.endsWith('.') ? text.slice(0, -1) : text
  const labels = value.split('.')
  return labels.every((part) => label.test(part)) && /[a-z-]/i.test(labels.at(-1)!) ? { value } : undefined
}
