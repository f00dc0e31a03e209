// keystoneauth reads these in the section of each service that is asked over REST.
/** Who asks. */
export const credentials = [
  'application_credential_id',
  'application_credential_name',
  'application_credential_secret',
  'auth_section',
  'auth_type',
  'auth_url',
  'default_domain_id',
  'default_domain_name',
  'domain_id',
  'domain_name',
  'password',
  'project_domain_id',
  'project_domain_name',
  'project_id',
  'project_name',
  'system_scope',
  'tenant_id',
  'tenant_name',
  'token',
  'trust_id',
  'user_domain_id',
  'user_domain_name',
  'user_id',
  'username',
]
/** How connections are made. */
export const session = ['cafile', 'certfile', 'collect_timing', 'insecure', 'keyfile', 'split_loggers', 'timeout']
/** Where the service is, and how often it is tried. */
export const adapter = [
  'connect_retries',
  'connect_retry_delay',
  'endpoint_override',
  'region_name',
  'service_name',
  'service_type',
  'status_code_retries',
  'status_code_retry_delay',
  'valid_interfaces',
]
