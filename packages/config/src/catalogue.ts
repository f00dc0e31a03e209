import { catalogueText } from './catalogue-data.js'
import { type OptionGroup, opt } from './declare.js'

/** Options that exist whether or not a package declares them. */
export interface Catalogue {
  /** Reads the whole catalogue, which takes about a millisecond; called at most once a parse, and only when a name is not declared. */
  groups(): readonly OptionGroup[]
  /**
   * The options of a group that exists only because another option names it or loads a plugin into it.
   *
   * @param isAuth the group has, or another group's `auth_section` lends it, the options of a Keystone plugin
   */
  dynamicGroup(group: string, isAuth: boolean): OptionGroup | undefined
}

/** Every option of Nova Zed and of its libraries: what `nova.conf` may hold. */
export const zedCatalogue: Catalogue = {
  groups() {
    const groups: Readonly<Record<string, OptionGroup['options']>> = JSON.parse(catalogueText)
    return Object.entries(groups).map(([group, options]) => ({ group, options }))
  },
  dynamicGroup(group, isAuth) {
    if (/^(mdev|vgpu)_/.test(group)) return { group, options: mdevOptions }
    if (isAuth) return { group, options: authOptions() }
    return group === 'DEFAULT' ? { group, options: loaderOptions } : undefined
  },
}

/** Of the groups [mdev_TYPE] that [devices] enabled_mdev_types names, called vgpu_TYPE before. */
const mdevOptions = {
  device_addresses: opt.list({}),
  mdev_class: opt.string({ default: 'VGPU', regex: '^(VGPU|CUSTOM_[A-Z0-9_]+)$', maxLength: 255 }),
}

/** Known to oslo.config itself; two of them make sense on the command line alone. */
const loaderOptions = { config_file: opt.string({}), config_dir: opt.string({}), config_source: opt.list({}) }

/**
 * Those of every Keystone plugin and its session, in any group with an `auth_type`.
 *
 * @see keystoneauth1 5.0.0, `loading.get_plugin_options` over all plugins
 */
function authOptions(): OptionGroup['options'] {
  const plain = words(
    'auth_type auth_section auth_url access_key access_token_endpoint access_token_type application_credential_id',
    'application_credential_name auth_methods client_id consumer_key default_domain_id default_domain_name discovery_endpoint',
    'domain_id domain_name endpoint identity_provider identity_provider_url project_domain_id project_domain_name project_id',
    'project_name protocol redirect_uri scope service_provider_endpoint service_provider_entity_id system_scope tenant_id tenant_name',
    'trust_id user_domain_id user_domain_name user_id username cafile certfile keyfile',
  )
  const secret = words(
    'access_secret access_token application_credential_secret client_secret code consumer_secret passcode password token',
  )
  const flags = words('insecure collect_timing split_loggers')
  return {
    ...Object.fromEntries(plain.map((name) => [name, opt.string({})])),
    ...Object.fromEntries(secret.map((name) => [name, opt.string({ secret: true })])),
    ...Object.fromEntries(flags.map((name) => [name, opt.boolean({ default: false })])),
    timeout: opt.integer({}),
  }
}

function words(...lines: string[]): string[] {
  return lines.flatMap((line) => line.split(' '))
}
