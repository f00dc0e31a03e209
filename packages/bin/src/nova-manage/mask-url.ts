const urlForm = /^(?:([a-z][a-z0-9+.-]*):)?(?:\/\/([^/?#]*))?(.*)$/is

/**
 * The URL of a cell as `list_cells` shows it: `****` in place of the password, and put together as Python's `urlunparse` does, which
 * leaves the two slashes out where no host stands behind them.
 *
 * @see nova 26.2.2, `cmd/manage.py`, `mask_passwd_in_url`
 */
export function maskUrl(url: string): string {
  const [, scheme, authority = '', rest = ''] = urlForm.exec(url)!
  const masked = authority.replace(/:.*@/s, ':****@')
  const separator = masked !== '' && rest !== '' && !/^[/?#]/.test(rest) ? '/' : ''
  return `${scheme === undefined ? '' : `${scheme.toLowerCase()}:`}${masked === '' ? '' : `//${masked}${separator}`}${rest}`
}
