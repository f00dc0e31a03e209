import { ClientError } from '../errors.js'
import type { CredentialSection } from './options.js'

/** An id, or a name that is unique in `domain`. */
export interface Named {
  readonly id?: string
  readonly name?: string
  readonly domain?: { readonly id: string } | { readonly name: string }
}

export type Scope =
  | { readonly kind: 'project'; readonly project: Named }
  | { readonly kind: 'domain'; readonly domain: Named }
  | { readonly kind: 'system' }
  | { readonly kind: 'trust'; readonly id: string }
  | { readonly kind: 'none' }

type Method =
  | { readonly kind: 'password'; readonly user: Named; readonly password: string }
  | { readonly kind: 'application_credential'; readonly credential: Named; readonly user: Named | null; readonly secret: string }
  | { readonly kind: 'token'; readonly token: string }

/** What a token is asked for with. */
export interface Credentials {
  /** Keystone's v3 root, without a slash at its end. */
  readonly identityUrl: string
  readonly method: Method
  readonly scope: Scope
}

/**
 * The credentials of a section. Null if it has none.
 *
 * @throws ClientError `configuration` for a kind that is not supported, or for one whose options are missing
 */
export function readCredentials(group: string, section: CredentialSection): Credentials | null {
  if (section.auth_type === null) return null
  const need = (name: string, value: string | null): string => {
    if (value !== null && value !== '') return value
    throw new ClientError('configuration', `[${group}] ${name} is needed with auth_type ${section.auth_type}`)
  }
  return {
    identityUrl: identityUrl(need('auth_url', section.auth_url)),
    method: methodOf(group, section, need),
    scope: /applicationcredential/.test(section.auth_type) ? { kind: 'none' } : scopeOf(section),
  }
}

function methodOf(group: string, section: CredentialSection, need: (name: string, value: string | null) => string): Method {
  switch (section.auth_type) {
    case 'password':
    case 'v3password':
      return { kind: 'password', user: userOf(section, need), password: need('password', section.password) }
    case 'v3applicationcredential': {
      const secret = need('application_credential_secret', section.application_credential_secret)
      const id = section.application_credential_id
      if (id !== null) return { kind: 'application_credential', credential: { id }, user: null, secret }
      const name = need('application_credential_id', section.application_credential_name)
      return { kind: 'application_credential', credential: { name }, user: userOf(section, need), secret }
    }
    case 'token':
    case 'v3token':
      return { kind: 'token', token: need('token', section.token) }
    default: {
      const known = 'password, v3password, v3applicationcredential, token and v3token'
      throw new ClientError('configuration', `[${group}] auth_type ${section.auth_type} is not supported; ${known} are`)
    }
  }
}

function userOf(section: CredentialSection, need: (name: string, value: string | null) => string): Named {
  if (section.user_id !== null) return { id: section.user_id }
  return { name: need('username', section.username), ...domainOf(section, section.user_domain_id, section.user_domain_name) }
}

function domainOf(section: CredentialSection, id: string | null, name: string | null): Pick<Named, 'domain'> {
  if (id !== null) return { domain: { id } }
  if (name !== null) return { domain: { name } }
  if (section.default_domain_id !== null) return { domain: { id: section.default_domain_id } }
  return section.default_domain_name === null ? {} : { domain: { name: section.default_domain_name } }
}

function scopeOf(section: CredentialSection): Scope {
  if (section.trust_id !== null) return { kind: 'trust', id: section.trust_id }
  if (section.system_scope !== null) return { kind: 'system' }
  const projectId = section.project_id ?? section.tenant_id
  if (projectId !== null) return { kind: 'project', project: { id: projectId } }
  const name = section.project_name ?? section.tenant_name
  if (name !== null)
    return { kind: 'project', project: { name, ...domainOf(section, section.project_domain_id, section.project_domain_name) } }
  if (section.domain_id !== null) return { kind: 'domain', domain: { id: section.domain_id } }
  return section.domain_name === null ? { kind: 'none' } : { kind: 'domain', domain: { name: section.domain_name } }
}

function identityUrl(authUrl: string): string {
  const root = identityRoot(authUrl)
  if (!/^https?:/.test(root) || !URL.canParse(root)) throw new ClientError('configuration', 'auth_url is no address')
  return root
}

/**
 * Keystone's v3 root of an address with or without a version. keystoneauth asks the service for its versions; the rule by which they
 * are laid out makes that unnecessary.
 */
export function identityRoot(address: string): string {
  return `${address.replace(/\/+$/, '').replace(/\/v(2\.0|3)$/, '')}/v3`
}

/**
 * The body of `POST /v3/auth/tokens`.
 *
 * @see keystoneauth1 5.0.0, `identity/v3/base.py`, `get_auth_ref`
 */
export function authRequest({ method, scope }: Credentials): Readonly<Record<string, unknown>> {
  const identity = { methods: [method.kind], [method.kind]: identityOf(method) }
  const wire = scopeToWire(scope)
  return { auth: { identity, ...(wire === null ? {} : { scope: wire }) } }
}

function identityOf(method: Method): Readonly<Record<string, unknown>> {
  switch (method.kind) {
    case 'password':
      return { user: { password: method.password, ...method.user } }
    case 'application_credential':
      return { secret: method.secret, ...method.credential, ...(method.user === null ? {} : { user: method.user }) }
    case 'token':
      return { id: method.token }
  }
}

function scopeToWire(scope: Scope): Readonly<Record<string, unknown>> | null {
  switch (scope.kind) {
    case 'project':
      return { project: scope.project }
    case 'domain':
      return { domain: scope.domain }
    case 'system':
      return { system: { all: true } }
    case 'trust':
      return { 'OS-TRUST:trust': { id: scope.id } }
    case 'none':
      return null
  }
}
