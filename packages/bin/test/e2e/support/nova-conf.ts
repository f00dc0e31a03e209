/** Values by option, by section. `null` takes an option out. */
export type Settings = Readonly<Record<string, Readonly<Record<string, string | number | boolean | null>>>>

export interface Places {
  readonly transportUrl: string
  readonly databaseUrl: string
  /** For state_path and log_dir. */
  readonly folder: string
}

/** A nova.conf with what a deployment of Zed has in it, among that much which concerns other services. */
export function novaConf(places: Places, settings: Settings = {}): string {
  const deployed = deployment(places)
  const sections = new Set([...Object.keys(deployed), ...Object.keys(settings)])
  return [...sections].map((section) => sectionText(section, { ...deployed[section], ...settings[section] })).join('\n')
}

function sectionText(section: string, options: Settings[string]): string {
  const lines = Object.entries(options).flatMap(([name, value]) => (value === null ? [] : [`${name} = ${value}`]))
  return `[${section}]\n${lines.join('\n')}\n`
}

function deployment({ transportUrl, databaseUrl, folder }: Places): Settings {
  const keystone = {
    auth_url: 'http://controller:5000',
    auth_type: 'password',
    project_domain_name: 'Default',
    user_domain_name: 'Default',
    project_name: 'service',
  }
  return {
    DEFAULT: {
      host: 'compute1',
      my_ip: '192.0.2.31',
      compute_driver: 'fake.FakeDriver',
      transport_url: transportUrl,
      state_path: `${folder}/state`,
      log_dir: `${folder}/log`,
      use_stderr: true,
      enabled_apis: 'osapi_compute,metadata',
      allow_resize_to_same_host: true,
      vif_plugging_is_fatal: false,
      vif_plugging_timeout: 0,
      reserved_host_memory_mb: 512,
      cpu_allocation_ratio: '4.0',
    },
    api: { auth_strategy: 'keystone' },
    conductor: { workers: 1 },
    database: { connection: databaseUrl },
    glance: { api_servers: 'http://controller:9292' },
    keystone_authtoken: {
      ...keystone,
      www_authenticate_uri: 'http://controller:5000/',
      memcached_servers: 'controller:11211',
      username: 'nova',
      password: 'NOVA_PASS',
    },
    libvirt: { virt_type: 'kvm', cpu_mode: 'host-model' },
    // Without credentials: there is neither Neutron nor Placement beside this cell.
    neutron: { region_name: 'RegionOne', service_metadata_proxy: true },
    oslo_concurrency: { lock_path: `${folder}/state/tmp` },
    oslo_messaging_rabbit: { heartbeat_timeout_threshold: 60 },
    placement: { region_name: 'RegionOne' },
    service_user: { ...keystone, send_service_user_token: true, username: 'nova', password: 'NOVA_PASS' },
    vnc: { enabled: true, server_listen: '0.0.0.0', server_proxyclient_address: '$my_ip' },
  }
}
