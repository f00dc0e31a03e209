import { isIPv6 } from 'node:net'
import { valueError } from '../errors.js'
import type { FieldType } from '../field.js'
import { pythonRepr, pythonText } from '../python-text.js'

/** The text must match once it is in lower case. */
function lowerCaseType(name: string, what: string, pattern: RegExp, prepare = (text: string) => text): FieldType<string> {
  return {
    name,
    coerce(value) {
      const text = typeof value === 'string' ? prepare(value.toLowerCase()) : ''
      if (!pattern.test(text)) throw valueError(`Malformed ${what} ${pythonText(value)}`)
      return text
    },
    stringify: (value) => value,
  }
}

/** `aa:bb:cc:dd:ee:ff`; dashes become colons. */
export const macAddressType = lowerCaseType('MACAddress', 'MAC', /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/, (text) => text.replaceAll('-', ':'))

/** `0000:5e:00.1` */
export const pciAddressType = lowerCaseType('PCIAddress', 'PCI address', /^[0-9a-f]{4}:[0-9a-f]{2}:[0-1][0-9a-f].[0-7]$/)

/** Text; upstream warns where it is no UUID and takes it all the same. */
export const uuidType: FieldType<string> = { name: 'UUID', coerce: (value) => pythonText(value), stringify: (value) => value }

/** An IPv4 or IPv6 address in its shortest form. @see netaddr 0.8, `IPAddress` */
function ipAddressType(name: string, versions: readonly (4 | 6)[]): FieldType<string> {
  return {
    name,
    coerce(value, attr) {
      const address = typeof value === 'string' ? (shortestIpv4(value) ?? shortestIpv6(value)) : undefined
      if (address === undefined) throw valueError(`failed to detect a valid IP address from ${pythonRepr(value)}`)
      const version = address.includes(':') ? 6 : 4
      if (!versions.includes(version)) throw valueError(`Network "${pythonText(value)}" is not valid in field ${attr}`)
      return address
    },
    stringify: (value) => value,
  }
}

export const ipAddressFieldType = ipAddressType('IPAddress', [4, 6])
export const ipv4AddressType = ipAddressType('IPV4Address', [4])
export const ipv6AddressType = ipAddressType('IPV6Address', [6])
export const ipv4AndV6AddressType = ipAddressType('IPV4AndV6Address', [4, 6])

/**
 * An address with the length of its prefix: `10.0.0.0/24`, `10.0.0.7/24`. One without is a network of its own; a mask of IPv4 becomes a length.
 *
 * @see netaddr 0.8, `IPNetwork`
 */
export const ipNetworkType: FieldType<string> = {
  name: 'IPNetwork',
  coerce(value) {
    const [host = '', size, ...rest] = typeof value === 'string' ? value.split('/') : []
    const address = shortestIpv4(host) ?? shortestIpv6(host)
    const bits = address?.includes(':') ? 128 : 32
    const length = size === undefined ? bits : /^\d{1,3}$/.test(size) ? Number(size) : lengthOfMask(size)
    if (address === undefined || rest.length > 0 || length === undefined || length > bits)
      throw valueError(`invalid IPNetwork ${pythonText(value)}`)
    return `${address}/${length}`
  },
  stringify: (value) => value,
}

/** 255.255.255.0 -> 24 */
function lengthOfMask(text: string): number | undefined {
  const mask = shortestIpv4(text)
  const bits = mask
    ?.split('.')
    .map((byte) => Number(byte).toString(2).padStart(8, '0'))
    .join('')
  return bits !== undefined && /^1*0*$/.test(bits) ? bits.replaceAll('0', '').length : undefined
}

/** As C's `inet_aton`: one to four numbers, each decimal, octal or hexadecimal; the last one fills what is left. */
function shortestIpv4(text: string): string | undefined {
  const parts = text.split('.')
  if (parts.length > 4 || !parts.every((part) => /^(0x[0-9a-f]+|0[0-7]*|[1-9]\d*)$/i.test(part))) return undefined
  const numbers = parts.map((part) => (/^0[0-7]+$/.test(part) ? Number.parseInt(part, 8) : Number(part)))
  const last = numbers.pop()!
  if (numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) return undefined
  const missing = 4 - numbers.length
  const tail = Array.from({ length: missing }, (_, index) => Math.floor(last / 256 ** (missing - 1 - index)) % 256)
  return [...numbers, ...tail].join('.')
}

/** As C's `inet_ntop`: the longest run of zero groups becomes `::`; an IPv4 address inside keeps its dots. */
function shortestIpv6(text: string): string | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined
  const groups = ipv6Groups(text)
  const embedsIpv4 = groups.slice(0, 5).every((group) => group === 0) && (groups[5] === 0xffff || (groups[5] === 0 && groups[6] !== 0))
  if (embedsIpv4)
    return `${groups[5] === 0 ? '::' : '::ffff:'}${groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join('.')}`
  const run = longestZeroRun(groups)
  const hex = groups.map((group) => group.toString(16))
  if (run.length < 2) return hex.join(':')
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`
}

function ipv6Groups(text: string): number[] {
  const hex = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a: string, b: string, c: string, d: string) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((group) => group.toString(16)).join(':'),
  )
  const [head = '', tail] = hex.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16))
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length > best.length) best = { start, length }
  }
  return best
}
