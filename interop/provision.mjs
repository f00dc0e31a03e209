// What the cloud holds before the first scenario: users, the catalog, flavors, an image, a network. Safe to repeat.

/** Names that scenarios use. */
export const names = {
  image: 'interop-image',
  otherImage: 'interop-image-2',
  network: 'interop-network',
  tiny: 'interop.tiny',
  small: 'interop.small',
  huge: 'interop.huge',
  sharedVolumes: 'interop-multiattach',
}

const services = [
  { user: 'placement', type: 'placement', port: 'placement', path: '' },
  { user: 'nova', type: 'compute', port: 'nova-api', path: '/v2.1' },
  { user: 'glance', type: 'image', port: 'glance', path: '' },
  { user: 'neutron', type: 'network', port: 'neutron', path: '' },
  { user: 'cinder', type: 'volumev3', port: 'cinder', path: '/v3/%(project_id)s' },
]

const flavors = [
  { name: names.tiny, ram: 512, vcpus: 1, disk: 1 },
  { name: names.small, ram: 1024, vcpus: 2, disk: 2 },
  { name: names.huge, ram: 10_000_000, vcpus: 1, disk: 1 },
]

/**
 * @param {import('./client.mjs').Client} client logged in
 * @returns ids of what scenarios use
 */
export async function provision(client, settings) {
  await provisionIdentity(client, settings)
  const made = { flavors: {} }
  const existing = (await client.nova('GET', '/flavors/detail')).body.flavors
  for (const flavor of flavors) {
    const found = existing.find(({ name }) => name === flavor.name)
    made.flavors[flavor.name] = (found ?? (await client.nova('POST', '/flavors', { flavor })).body.flavor).id
  }
  made.image = await provisionImage(client, names.image)
  made.otherImage = await provisionImage(client, names.otherImage)
  made.network = await provisionNetwork(client)
  await provisionVolumeType(client)
  return made
}

async function provisionIdentity(client, settings) {
  const list = async (path, key) => (await client.keystone('GET', path)).body[key]
  const ensure = async (path, key, plural, wanted) =>
    (await list(path, plural)).find((one) => one.name === wanted.name && (wanted.type === undefined || one.type === wanted.type)) ??
    (await client.keystone('POST', path, { [key]: wanted })).body[key]
  const project = await ensure('/projects', 'project', 'projects', { name: 'service', domain_id: 'default' })
  // As administrators they do what they must; by the other role each is known for a service, which Cinder asks of Nova.
  const roles = [
    (await list('/roles', 'roles')).find((role) => role.name === 'admin'),
    await ensure('/roles', 'role', 'roles', { name: 'service' }),
  ]
  const endpoints = await list('/endpoints', 'endpoints')
  for (const { user: name, type, port, path } of services) {
    const user = await ensure('/users', 'user', 'users', { name, domain_id: 'default', password: settings.password })
    for (const role of roles) await client.keystone('PUT', `/projects/${project.id}/users/${user.id}/roles/${role.id}`)
    const service = await ensure('/services', 'service', 'services', { name, type })
    const url = `http://127.0.0.1:${settings.ports[port]}${path}`
    for (const kind of ['public', 'internal', 'admin']) {
      if (endpoints.some((one) => one.service_id === service.id && one.interface === kind && one.url === url)) continue
      const endpoint = { interface: kind, url, service_id: service.id, region_id: settings.region }
      await client.keystone('POST', '/endpoints', { endpoint })
    }
  }
}

async function provisionImage(client, name) {
  const found = (await client.glance('GET', `/images?name=${name}`)).body.images[0]
  if (found?.status === 'active') return found.id
  const image = { name, disk_format: 'raw', container_format: 'bare', visibility: 'public' }
  const { id } = found ?? (await client.glance('POST', '/images', image)).body
  const content = new Uint8Array(65_536)
  await client.request('glance', 'PUT', `/v2/images/${id}/file`, { body: content, headers: { 'content-type': 'application/octet-stream' } })
  return id
}

async function provisionNetwork(client) {
  const found = (await client.neutron('GET', `/networks?name=${names.network}`)).body.networks[0]
  if (found) return found.id
  const { network } = (await client.neutron('POST', '/networks', { network: { name: names.network } })).body
  const subnet = { network_id: network.id, ip_version: 4, cidr: '10.12.0.0/16' }
  await client.neutron('POST', '/subnets', { subnet })
  return network.id
}

/** Volumes of it may be attached to several servers. */
async function provisionVolumeType(client) {
  const { volume_types: found } = (await client.cinder('GET', '/types')).body
  if (found.some(({ name }) => name === names.sharedVolumes)) return
  const type = { name: names.sharedVolumes, extra_specs: { multiattach: '<is> True' } }
  await client.cinder('POST', '/types', { volume_type: type })
}
