import { valueError } from './errors.js'

/** `1.22` is `[1, 22]`, `1.22.1` is `[1, 22, 1]`. */
export type VersionParts = readonly number[]

const parsed = new Map<string, VersionParts>()
/** Versions come off the wire; without a bound a peer could fill the memory with them. */
const maxParsed = 4096

/** @throws VersionedObjectError `ValueError` if `version` is not numbers with dots between */
export function parseVersion(version: string): VersionParts {
  const known = parsed.get(version)
  if (known !== undefined) return known
  if (!/^\d{1,9}(\.\d{1,9})*$/.test(version)) throw valueError(`Version ${JSON.stringify(version)} is invalid.`)
  const parts = version.split('.').map(Number)
  if (parsed.size < maxParsed) parsed.set(version, parts)
  return parts
}

/** Negative: `a` is older than `b`. Compares as Python compares tuples: 1.2 is older than 1.2.0. */
export function compareVersions(a: VersionParts, b: VersionParts): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

export function isBelow(version: VersionParts, limit: string): boolean {
  return compareVersions(version, parseVersion(limit)) < 0
}

/** Does code that knows `known` understand an object of version `asked`? Same major, and not older. @see oslo.utils 6.0.1, `is_compatible` */
export function isCompatible(asked: VersionParts, known: VersionParts): boolean {
  return asked[0] === known[0] && compareVersions(padded(known), padded(asked)) >= 0
}

/** `1.2` and `1.2.0` are the same release. */
function padded(version: VersionParts): VersionParts {
  return [version[0] ?? 0, version[1] ?? 0, version[2] ?? 0]
}
