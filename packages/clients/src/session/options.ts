import { type Config, defineOptions, opt, type Section } from '@micronova/config'

const domainOptions = {
  project_domain_id: opt.string({ help: 'Domain of the project, by its id.' }),
  project_domain_name: opt.string({ help: 'Domain of the project, by its name.' }),
  user_domain_id: opt.string({ help: 'Domain of the user, by its id.' }),
  user_domain_name: opt.string({ help: 'Domain of the user, by its name.' }),
  default_domain_id: opt.string({ help: 'Domain of the user and of the project where none is given, by its id.' }),
  default_domain_name: opt.string({ help: 'Domain of the user and of the project where none is given, by its name.' }),
  domain_id: opt.string({ help: 'Ask for rights on this domain, by its id, instead of on a project.' }),
  domain_name: opt.string({ help: 'Ask for rights on this domain, by its name, instead of on a project.' }),
}

/** Of a group that holds credentials. The names are those of keystoneauth's plugins `password`, `v3applicationcredential`, `v3token`. */
function credentials(group: string) {
  const former = (...names: string[]) => names.map((name) => ({ group, name }))
  return {
    auth_type: opt.string({
      deprecatedNames: former('auth_plugin'),
      help: 'How to authenticate: password, v3password, v3applicationcredential, token or v3token. Unset: this service is not used.',
    }),
    auth_section: opt.string({
      help: 'Read the credentials from this section: keystone_authtoken, service_user, placement, neutron, cinder.',
    }),
    auth_url: opt.string({ help: 'Address of Keystone: http://controller:5000.' }),
    username: opt.string({ deprecatedNames: former('user-name', 'user_name'), help: 'User, by name.' }),
    user_id: opt.string({ help: 'User, by id.' }),
    password: opt.string({ secret: true, help: 'Password of the user.' }),
    project_id: opt.string({ help: 'Project on which to have rights, by its id.' }),
    project_name: opt.string({ help: 'Project on which to have rights, by its name.' }),
    tenant_id: opt.string({ help: 'The same as project_id.' }),
    tenant_name: opt.string({ help: 'The same as project_name.' }),
    ...domainOptions,
    system_scope: opt.string({ help: 'Ask for rights on the system: all.' }),
    trust_id: opt.string({ help: 'Ask for the rights that this trust gives.' }),
  }
}

/** Of plugins other than `password`; the reference of Nova's options does not list them. */
const otherCredentials = {
  application_credential_id: opt.string({ help: 'Application credential, by its id.' }),
  application_credential_name: opt.string({ help: 'Application credential, by its name; a user must be given with it.' }),
  application_credential_secret: opt.string({ secret: true, help: 'Secret of the application credential.' }),
  token: opt.string({ secret: true, help: 'A token in exchange for which new ones are asked for.' }),
}

/** Of a group whose requests are made over a session of their own. */
export const sessionOptions = {
  cafile: opt.string({ help: 'Certificates of the authorities to trust, PEM. Unset: those of the runtime.' }),
  certfile: opt.string({ help: 'Certificate of this client, PEM.' }),
  keyfile: opt.string({ help: 'Private key of that certificate, PEM.' }),
  insecure: opt.boolean({ default: false, help: 'Do not verify the certificate of the service.' }),
  timeout: opt.integer({
    help: 'Seconds that a request may take, its connection included. Unset: 120, of which 10 for the connection.',
  }),
  collect_timing: opt.boolean({ default: false, help: 'Without effect.' }),
  split_loggers: opt.boolean({ default: false, help: 'Log requests and answers under names of their own.' }),
}

/** Options of an adapter: which address of the catalogue, how often to try. */
export function adapterOptions<const T extends string>(serviceType: T) {
  return {
    service_type: opt.string({ default: serviceType, help: 'Type of the service in the catalogue.' }),
    service_name: opt.string({ help: 'Name of the service in the catalogue, if several have its type.' }),
    valid_interfaces: opt.list({ default: ['internal', 'public'], help: 'Which of its addresses to use; the first that is there.' }),
    region_name: opt.string({ help: 'Region whose address is used. Unset: the first one.' }),
    endpoint_override: opt.string({
      help: 'Address of the service instead of that in the catalogue. May hold %(project_id)s.',
    }),
    connect_retries: opt.integer({ help: 'How often to try again when no connection is made.' }),
    connect_retry_delay: opt.float({ help: 'Seconds between two such tries. Unset: 0.5, doubled each time up to 60.' }),
    status_code_retries: opt.integer({ help: 'How often to try again after the status 503.' }),
    status_code_retry_delay: opt.float({ help: 'Seconds between two such tries. Unset: 0.5, doubled each time up to 60.' }),
  }
}

/** The options of credentials in a group. */
export const authGroup = <const G extends string>(group: G) => defineOptions(group, { ...credentials(group), ...otherCredentials })

/** Credentials for tokens, by the group that holds them. `[keystone_authtoken]` is read where an `auth_section` names it. */
export const credentialOptions = {
  placement: authGroup('placement'),
  neutron: authGroup('neutron'),
  cinder: authGroup('cinder'),
  service_user: authGroup('service_user'),
  keystone_authtoken: authGroup('keystone_authtoken'),
} as const

const session = <const G extends string>(group: G) => defineOptions(group, sessionOptions)

export const sessionOptionGroups = {
  placement: session('placement'),
  neutron: session('neutron'),
  glance: session('glance'),
  cinder: session('cinder'),
  service_user: session('service_user'),
} as const

export const adapterOptionGroups = {
  placement: defineOptions('placement', adapterOptions('placement')),
  neutron: defineOptions('neutron', adapterOptions('network')),
  glance: defineOptions('glance', adapterOptions('image')),
} as const

export const serviceUserOptions = defineOptions('service_user', {
  send_service_user_token: opt.boolean({
    default: false,
    help: 'Send a token of this service beside that of the user, so that a request succeeds that outlives the token of the user.',
  }),
})

export type CredentialGroup = keyof typeof credentialOptions
export type CredentialSection = Section<(typeof credentialOptions)['placement']>
export type SessionSection = Section<(typeof sessionOptionGroups)['placement']>
export type AdapterSection = Section<(typeof adapterOptionGroups)['placement']>

export function isCredentialGroup(name: string): name is CredentialGroup {
  return Object.hasOwn(credentialOptions, name)
}

/** The section that `[group] auth_section` names, or the group itself. */
export function credentialSection(config: Config, group: CredentialGroup): CredentialSection {
  return config.section(credentialOptions[group])
}
