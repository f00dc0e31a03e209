/** Names whose values are secrets; a prefix (`my_password`) and a number at the end (`password2`) count as well. */
const secretNames = [
  'adminpass',
  'admin_pass',
  'password',
  'admin_password',
  'auth_token',
  'new_pass',
  'auth_password',
  'secret_uuid',
  'secret',
  'sys_pswd',
  'token',
  'configdrive',
  'chappassword',
  'encrypted_key',
  'private_key',
  'fernetkey',
  'sslkey',
  'passphrase',
  'cephclusterfsid',
  'octaviaheartbeatkey',
  'rabbitcookie',
  'cephmanilaclientkey',
  'pacemakerremoteauthkey',
  'designaterndckey',
  'cephadminkey',
  'heatauthencryptionkey',
  'cephclientkey',
  'keystonecredential',
  'barbicansimplecryptokek',
  'cephrgwkey',
  'swifthashsuffix',
  'migrationsshkey',
  'cephmdskey',
  'cephmonkey',
]

const mask = '***'
const key = `(?:${[...secretNames].sort((a, b) => b.length - a.length).join('|')})[0-9]*`

/** Every secret name contains one of these; most messages contain none, and then nothing else is tried. */
const hint = /pass|token|secret|pswd|key|drive|fsid|cookie|credential|kek|suffix|authorization/i

/**
 * A quote, with backslashes in JSON within JSON, captured as group 2; then the value up to the same quote or the end.
 * A quote with more backslashes belongs to the value.
 */
const quotedValue = String.raw`(\\*["'])(?:(?!\2)(?:\\+[^\\]|[^\\]))*(\2|$)`

/** Forms in which a secret is written: group 1, and in the quoted ones groups 2 and 3, stay. */
const quotedForms = [
  String.raw`(${key}\s*=\s*)${quotedValue}`, // password = "x"
  String.raw`(${key}\s+)${quotedValue}`, // password "x"
  String.raw`(["'][^"']*${key}\\*["']\s*:\s*u?)${quotedValue}`, // "password": "x", 'password': u'x'
  String.raw`(["'][^"']*${key}["']\s*,\s*["']--?[A-Za-z_]+["']\s*,\s*u?)${quotedValue}`, // 'password', '--value', 'x'
].map((source) => new RegExp(source, 'gi'))
const bareForms = [
  String.raw`(--${key}\s+)[^'"=\s]+`, // --password x
  `(<${key}>)[^<]*`, // <password>x</password>
  String.raw`(${key}\s*--?[A-Za-z_]+\s*)\S+`, // password --value x
  String.raw`(${key}\s*=\s*)[^\s'"\\]+`, // password=x
  String.raw`(-token\s*:\s*)[^\s'",]+`, // X-Auth-Token: x
  String.raw`(authorization\\*["']?\s*:\s*\\*["']?(?:[a-z]+\s+)?)[^\s'",\\]+`, // Authorization: Bearer x
].map((source) => new RegExp(source, 'gi'))

/** The users in the authority of a URL. */
const urlWithUser = /:\/\/([^\s'"<>/?#]*)@/g

/** Keystone's tokens, wherever they stand. */
const fernetToken = /gAAAAA[\w-]{16,}=*/g

/**
 * `text` with what looks like a secret replaced by `***`: values of secret names in all the forms that
 * oslo.utils knows, passwords in URLs, tokens in HTTP headers, Keystone tokens.
 *
 * A quoted value ends at its own quote, so an apostrophe in a password hides all of it. oslo.utils has a further
 * pattern for that, which also swallows whatever else is quoted up to the end of the text; it is not followed.
 *
 * @see oslo.utils 6.0.1, `strutils.py`, `mask_password`
 */
export function maskSecrets(text: string): string {
  let masked = text
  if (hint.test(masked)) {
    for (const form of quotedForms) masked = masked.replace(form, `$1$2${mask}$3`)
    for (const form of bareForms) masked = masked.replace(form, `$1${mask}`)
  }
  if (masked.includes('://')) masked = masked.replace(urlWithUser, (_, users: string) => `://${maskUsers(users)}@`)
  if (masked.includes('gAAAAA')) masked = masked.replace(fernetToken, mask)
  return masked
}

/** `user:password`, or with several hosts as in a transport_url `user:password@host,user:password`. */
function maskUsers(users: string): string {
  return users
    .split('@')
    .map((piece, index) => {
      const comma = index === 0 ? -1 : piece.lastIndexOf(',')
      if (index > 0 && comma < 0) return mask // an @ within a password
      const colon = piece.indexOf(':', comma + 1)
      return colon < 0 ? piece : `${piece.slice(0, colon)}:${mask}`
    })
    .join('@')
}
