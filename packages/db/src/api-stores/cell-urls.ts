/**
 * Complete a URL of a cell mapping: `{hostname}`, `{port}`, `{username}`, `{password}`, `{scheme}`, `{path}`, `{query}` and
 * `{fragment}` stand for the parts of `standard`, the same option of this service; with several hosts in it `{hostname1}` and so on
 * for each of them. So one mapping serves hosts that reach the cell in different ways.
 *
 * @returns `template` as it is if it names a part that there is not, or there is no `standard`
 * @see nova 26.2.2, `objects/cell_mapping.py`, `_format_url`
 */
export function completeCellUrl(template: string, standard: string | null): string {
  if (standard === null || !/[{}]/.test(template)) return template
  const parts = urlParts(standard)
  let isComplete = true
  const url = template.replaceAll(/\{\{|\}\}|\{(\w*)\}/g, (found, name?: string) => {
    if (name === undefined) return found[0]!
    if (!parts.has(name)) isComplete = false
    return parts.get(name) ?? 'None'
  })
  return isComplete ? url : template
}

const urlForm = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s

/** As Python's `urlparse` sees it; nothing is decoded. */
function urlParts(url: string): Map<string, string | null> {
  const [, scheme = '', netloc = '', path = '', query = '', fragment = ''] = urlForm.exec(url)!
  const parts = new Map<string, string | null>(Object.entries({ scheme, query, fragment, path: path.replace(/^\/+/, '') }))
  for (const [name, value] of Object.entries(hostParts(netloc, netloc.lastIndexOf('@')))) parts.set(name, value)
  if (netloc.includes(','))
    netloc.split(',').forEach((one, at) => {
      for (const [name, value] of Object.entries(hostParts(one, one.indexOf('@')))) parts.set(`${name}${at + 1}`, value)
    })
  return parts
}

/** @param at of the `@`; -1 if there is none */
function hostParts(netloc: string, at: number): Record<'username' | 'password' | 'hostname' | 'port', string | null> {
  const user = at < 0 ? null : netloc.slice(0, at)
  const colon = user?.indexOf(':') ?? -1
  const [, hostname = '', port] = /^\[?([^\]:]*(?::[^\]]*(?=\]))?)\]?(?::(\d+))?/.exec(netloc.slice(at + 1))!
  return {
    username: user === null ? null : colon < 0 ? user : user.slice(0, colon),
    password: user === null || colon < 0 ? null : user.slice(colon + 1),
    hostname: hostname === '' ? null : hostname.toLowerCase(),
    port: port ?? null,
  }
}
