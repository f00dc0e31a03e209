const form = /^(\d+)\.(\d+)(?:\.(\d+))?$/

/**
 * Whether something of version `implemented` can serve a request of version `requested`: equal major, minor not above
 * ours, revision not above ours if the minor is equal. Something that is not a version is compatible with nothing.
 *
 * @param implemented `null`: everything is compatible
 * @see oslo.messaging 14.0.3, `_utils.py`, `version_is_compatible`
 */
export function isVersionCompatible(implemented: string | null, requested: string | null): boolean {
  if (implemented === null) return true
  if (requested === null) return false
  if (implemented === requested) return form.test(requested)
  const ours = form.exec(implemented)
  const theirs = form.exec(requested)
  if (ours === null || theirs === null || Number(ours[1]) !== Number(theirs[1])) return false
  const minor = Number(ours[2]) - Number(theirs[2])
  return minor > 0 || (minor === 0 && Number(theirs[3] ?? 0) <= Number(ours[3] ?? 0))
}

export function isVersion(text: string): boolean {
  return form.test(text)
}
