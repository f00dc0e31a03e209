import type { RequestContext } from '@micronova/model'
import type { Auth } from '../call.js'
import { ClientError } from '../errors.js'
import { type Catalogue, parseCatalogue } from './catalogue.js'
import type { TokenSource } from './token-source.js'

/** With whose rights a request is made. */
export interface Identity {
  /** `X-Auth-Token`, and `X-Service-Token` where one is sent. */
  tokens(signal: AbortSignal | undefined): Promise<IdentityTokens>
  /** The tokens were refused. @returns whether new ones can be had */
  renew(tokens: IdentityTokens): boolean
}

export interface IdentityTokens {
  readonly token: string
  readonly serviceToken: string | null
  readonly projectId: string | null
  readonly userId: string | null
  catalogue(): Catalogue
}

export interface IdentitiesDeps {
  /** Of this service's section. */
  readonly own: TokenSource | null
  /** Of `[service_user]`, if its token is to be sent. */
  readonly serviceUser: TokenSource | null
}

/**
 * Chooses the rights for requests to one service.
 *
 * @see nova 26.2.2, `network/neutron.py`, `_get_auth_plugin`; `volume/cinder.py`, `_get_auth`; `service_auth.py`
 */
export class Identities {
  readonly #deps: IdentitiesDeps
  readonly #service: string

  /** @param service named in errors */
  constructor(deps: IdentitiesDeps, service: string) {
    this.#deps = deps
    this.#service = service
  }

  /** @throws ClientError `no_credentials` */
  of(ctx: RequestContext, auth: Auth): Identity {
    if (auth === 'user' && ctx.authToken !== null) return withServiceToken(new UserIdentity(ctx, ctx.authToken), this.#deps.serviceUser)
    if (auth === 'user' && !ctx.isAdmin) throw this.#none('the context has no token')
    return withServiceToken(this.service(), this.#deps.serviceUser)
  }

  /** The service's own rights, without a service token. */
  service(): Identity {
    if (this.#deps.own === null) throw this.#none('no credentials are configured')
    return new ServiceIdentity(this.#deps.own)
  }

  #none(why: string): ClientError {
    return new ClientError('no_credentials', `${this.#service} cannot be asked: ${why}`, { service: this.#service })
  }
}

class ServiceIdentity implements Identity {
  readonly #source: TokenSource

  constructor(source: TokenSource) {
    this.#source = source
  }

  async tokens(signal: AbortSignal | undefined): Promise<IdentityTokens> {
    const { token, catalogue, projectId, userId } = await this.#source.get(signal)
    return { token, serviceToken: null, projectId, userId, catalogue: () => catalogue }
  }

  renew({ token }: IdentityTokens): boolean {
    this.#source.invalidate(token)
    return true
  }
}

/** The user's token cannot be renewed. */
class UserIdentity implements Identity {
  readonly #tokens: IdentityTokens

  constructor({ projectId, userId, serviceCatalog }: RequestContext, token: string) {
    this.#tokens = { token, serviceToken: null, projectId, userId, catalogue: () => parseCatalogue(serviceCatalog) }
  }

  async tokens(): Promise<IdentityTokens> {
    return this.#tokens
  }

  renew(): boolean {
    return false
  }
}

/** A request of a user that has the service's word as well is accepted though the user's token has expired meanwhile. */
function withServiceToken(identity: Identity, source: TokenSource | null): Identity {
  if (source === null) return identity
  return {
    async tokens(signal) {
      const [tokens, { token: serviceToken }] = await Promise.all([identity.tokens(signal), source.get(signal)])
      return { ...tokens, serviceToken }
    },
    renew(tokens) {
      identity.renew(tokens)
      if (tokens.serviceToken !== null) source.invalidate(tokens.serviceToken)
      return true
    },
  }
}
