import type { Config, OptionGroup, Section } from '@micronova/config'
import { cinderOptions } from './cinder/options.js'
import { ClientError } from './errors.js'
import { glanceOptions } from './glance/options.js'
import { type LimitsSection, limitsSection } from './keystone/options.js'
import { neutronOptions } from './neutron/options.js'
import { type Credentials, readCredentials } from './session/credentials.js'
import {
  type AdapterSection,
  adapterOptionGroups,
  type CredentialGroup,
  type CredentialSection,
  credentialOptions,
  credentialSection,
  isCredentialGroup,
  type SessionSection,
  serviceUserOptions,
  sessionOptionGroups,
} from './session/options.js'

/** Every option that the clients read, for the program that parses the configuration. */
export const clientsOptions: readonly OptionGroup[] = [
  ...Object.values(credentialOptions),
  ...Object.values(sessionOptionGroups),
  ...Object.values(adapterOptionGroups),
  serviceUserOptions,
  neutronOptions,
  glanceOptions,
  cinderOptions,
]

interface Connection {
  readonly session: SessionSection
}

interface OwnRights {
  /** null: none are configured. */
  readonly credentials: Credentials | null
}

/** What the clients need to know. */
export interface ClientsSettings {
  readonly placement: Connection & OwnRights & { readonly adapter: AdapterSection }
  readonly neutron: Connection & OwnRights & { readonly adapter: AdapterSection; readonly options: Section<typeof neutronOptions> }
  readonly glance: Connection & { readonly adapter: AdapterSection; readonly options: Section<typeof glanceOptions> }
  readonly cinder: Connection & OwnRights & { readonly options: Section<typeof cinderOptions> }
  readonly serviceUser: Connection & OwnRights & { readonly isSent: boolean }
  /** null: nobody asks for limits. */
  readonly limits: (Connection & OwnRights & { readonly adapter: AdapterSection; readonly endpointId: string }) | null
}

export interface ClientsSettingsOptions {
  /** Whether limits are asked for: `[oslo_limit]` is read, by a program that declares `limitsOptions`, and must be whole. Default: false. */
  readonly limits?: boolean
}

/**
 * The settings in a parsed configuration.
 *
 * @throws ClientError `configuration`
 */
export function clientsSettings(config: Config, { limits = false }: ClientsSettingsOptions = {}): ClientsSettings {
  const rights = (group: CredentialGroup): OwnRights => ({ credentials: credentialsOf(config, group) })
  const { placement, neutron, glance, cinder, service_user } = sessionOptionGroups
  const isSent = config.section(serviceUserOptions).send_service_user_token
  return {
    placement: { ...rights('placement'), session: config.section(placement), adapter: config.section(adapterOptionGroups.placement) },
    neutron: {
      ...rights('neutron'),
      session: config.section(neutron),
      adapter: config.section(adapterOptionGroups.neutron),
      options: config.section(neutronOptions),
    },
    glance: {
      session: config.section(glance),
      adapter: config.section(adapterOptionGroups.glance),
      options: config.section(glanceOptions),
    },
    cinder: { ...rights('cinder'), session: config.section(cinder), options: config.section(cinderOptions) },
    serviceUser: { credentials: isSent ? credentialsOf(config, 'service_user') : null, session: config.section(service_user), isSent },
    limits: limits ? limitsSettings(config, limitsSection(config)) : null,
  }
}

function limitsSettings(config: Config, { credentials, session, adapter, endpointId }: LimitsSection): ClientsSettings['limits'] {
  const own = credentialsIn(config, 'oslo_limit', credentials)
  if (own === null) throw new ClientError('configuration', '[oslo_limit] auth_type is needed to ask Keystone for limits')
  return { credentials: own, session, adapter, endpointId }
}

function credentialsOf(config: Config, group: CredentialGroup): Credentials | null {
  return credentialsIn(config, group, credentialSection(config, group))
}

function credentialsIn(config: Config, group: string, section: CredentialSection): Credentials | null {
  const named = section.auth_section
  if (named === null) return readCredentials(group, section)
  if (isCredentialGroup(named)) return readCredentials(named, credentialSection(config, named))
  const known = Object.keys(credentialOptions).join(', ')
  throw new ClientError('configuration', `[${group}] auth_section ${named} is not supported; ${known} are`)
}
