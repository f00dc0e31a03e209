/** `6002003` as `6.2.3`. @see oslo.utils 6.0.1, `versionutils.py`, `convert_version_to_str` */
export function versionText(version: number): string {
  const parts: number[] = []
  for (let left = version; left !== 0; left = Math.floor(left / 1000)) parts.unshift(left % 1000)
  return parts.join('.')
}

/**
 * Is a version as all of the conditions want it: `>=1.0, <2.0`?
 *
 * @see Python's distutils, `VersionPredicate` and `StrictVersion`
 */
export function satisfies(version: string, predicate: string): boolean {
  return predicate.split(',').every((part) => {
    const match = /^\s*(<=|>=|<|>|!=|==)\s*(\S+)\s*$/.exec(part)
    const order = compare(version, match?.[2] ?? '')
    switch (match?.[1]) {
      case '<':
        return order < 0
      case '<=':
        return order <= 0
      case '>':
        return order > 0
      case '>=':
        return order >= 0
      case '==':
        return order === 0
      case '!=':
        return order !== 0
      default:
        return false
    }
  })
}

/** A version that is not final (`1.2a1`) comes before the one that is. */
function compare(a: string, b: string): number {
  const [left, right] = [keyOf(a), keyOf(b)]
  for (const [index, part] of left.entries()) {
    const difference = part - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function keyOf(version: string): readonly number[] {
  const [, major = '0', minor = '0', patch = '0', kind, number = '0'] =
    /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(version) ?? []
  return [Number(major), Number(minor), Number(patch), kind === 'a' ? 0 : kind === 'b' ? 1 : 2, Number(number)]
}
