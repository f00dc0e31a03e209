// Removes what an interrupted or failed run left, so that the next one begins with an empty cloud.

/** @param {import('./client.mjs').Client} client */
export async function purge(client) {
  const { servers } = (await client.nova('GET', '/servers?all_tenants=1')).body
  const waiting = servers.map(({ id }) => id)
  const worker = async () => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) await remove(client, id)
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  const { ports } = (await client.neutron('GET', '/ports')).body
  for (const { id } of ports) await client.neutron('DELETE', `/ports/${id}`, undefined, { allow: [404, 409] })
  const { resource_providers: providers } = (await client.placement('GET', '/resource_providers')).body
  for (const { uuid } of providers) {
    const { allocations } = (await client.placement('GET', `/resource_providers/${uuid}/allocations`)).body
    for (const consumer of Object.keys(allocations))
      await client.placement('DELETE', `/allocations/${consumer}`, undefined, { allow: [404] })
  }
  await purgeVolumes(client)
  await purgeAggregates(client)
  const { services } = (await client.nova('GET', '/os-services?binary=nova-compute')).body
  for (const { id, forced_down: forced, status } of services)
    if (forced || status === 'disabled') await client.nova('PUT', `/os-services/${id}`, { forced_down: false, status: 'enabled' })
  const { server_groups: groups } = (await client.nova('GET', '/os-server-groups')).body
  for (const { id } of groups) await client.nova('DELETE', `/os-server-groups/${id}`)
}

async function purgeVolumes(client) {
  for (const { id } of (await client.cinder('GET', '/attachments?all_tenants=1')).body.attachments)
    await client.cinder('DELETE', `/attachments/${id}`, undefined, { allow: [400, 404, 409] })
  for (const kind of ['snapshots', 'volumes']) {
    for (const { id } of (await client.cinder('GET', `/${kind}?all_tenants=1`)).body[kind]) {
      const reset = { status: 'available', ...(kind === 'volumes' && { attach_status: 'detached' }) }
      await client.cinder('POST', `/${kind}/${id}/action`, { 'os-reset_status': reset }, { allow: [400, 404, 409] })
      await client.cinder('DELETE', `/${kind}/${id}`, undefined, { allow: [400, 404, 409] })
    }
  }
}

async function purgeAggregates(client) {
  for (const { id, hosts } of (await client.nova('GET', '/os-aggregates')).body.aggregates) {
    for (const host of hosts) await client.nova('POST', `/os-aggregates/${id}/action`, { remove_host: { host } })
    await client.nova('DELETE', `/os-aggregates/${id}`)
  }
}

/** A server that is stuck is deleted by force: from ERROR, which any host accepts. */
async function remove(client, id) {
  const act = (body) => client.nova('POST', `/servers/${id}/action`, body, { allow: [400, 404, 409] })
  await act({ unlock: null })
  await act({ 'os-resetState': { state: 'error' } })
  await act({ forceDelete: null })
  const deadline = performance.now() + 15_000
  while (performance.now() < deadline) {
    if ((await client.nova('GET', `/servers/${id}`, undefined, { allow: [404] })).status === 404) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
