// The servers of one scenario: made, waited for, acted on, compared with Placement and Neutron, and removed.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { names } from './provision.mjs'
import { pollUntil } from './wait.mjs'

const PREFIX = 'interop-'

/** A server became ERROR, or something that it never should. */
export class ServerFailed extends Error {
  name = 'ServerFailed'
}

export class Servers {
  #cloud
  #client
  #label
  /** Ids of all servers made, removed ones included. */
  ids = []

  /**
   * @param {import('./cloud.mjs').Cloud} cloud
   * @param {string} label part of the servers' names
   */
  constructor(cloud, label) {
    this.#cloud = cloud
    this.#client = cloud.client
    this.#label = label.replace(/[^a-z0-9]+/gi, '-')
  }

  /**
   * Asks for a server and returns its id at once.
   * @param {{ flavor?: string, networks?: unknown, hints?: object, microversion?: string } & Record<string, unknown>} [options]
   *   `networks`: one port on the network if absent
   */
  async create({ flavor = names.tiny, networks, hints, microversion, ...rest } = {}) {
    const server = {
      name: `${PREFIX}${this.#label}-${this.ids.length + 1}`,
      flavorRef: this.#cloud.made.flavors[flavor],
      imageRef: this.#cloud.made.image,
      networks: networks ?? [{ uuid: this.#cloud.made.network }],
      ...rest,
    }
    const body = { server, ...(hints && { 'os:scheduler_hints': hints }) }
    const made = (await this.#client.nova('POST', '/servers', body, { microversion })).body.server
    this.ids.push(made.id)
    return made.id
  }

  /** A server that is ACTIVE, placed and plugged as it should be. One `onVolume` takes no disk of its host. */
  async boot({ onVolume = false, ...options } = {}) {
    const id = await this.create(options)
    const server = await this.waitFor(id, 'ACTIVE')
    await this.checkPlaced(id, { flavor: options.flavor, ports: options.networks === 'none' ? 0 : 1, disk: !onVolume })
    return server
  }

  async get(id) {
    return (await this.#client.nova('GET', `/servers/${id}`)).body.server
  }

  /** Until it has that status and nothing is under way. */
  async waitFor(id, status, { timeoutMs = 45_000, also = (_server) => true } = {}) {
    let last = {}
    return pollUntil(
      `server ${id} to be ${status}`,
      async () => {
        last = await this.get(id)
        if (last.status === 'ERROR' && status !== 'ERROR')
          throw new ServerFailed(`server ${id} is ERROR: ${last.fault?.message ?? 'no fault is recorded'}`)
        return last.status === status && last['OS-EXT-STS:task_state'] === null && also(last) && last
      },
      { timeoutMs, describe: () => `, it is ${last.status} (${last['OS-EXT-STS:task_state']})` },
    )
  }

  /** Until it is ERROR and says why, which is written after the state. */
  waitForFault(id) {
    return this.waitFor(id, 'ERROR', { also: ({ fault }) => fault !== undefined })
  }

  /**
   * Sends an action, and waits for the status it should lead to.
   * @param {string} action as nova-api names it
   * @param {unknown} [argument]
   * @param {string} [status] none: does not wait
   */
  async act(id, action, argument = null, status = undefined, { microversion, also } = {}) {
    const { body } = await this.#client.nova('POST', `/servers/${id}/action`, { [action]: argument }, { microversion })
    if (status) await this.waitFor(id, status, { also })
    return body
  }

  async delete(id, { timeoutMs = 45_000 } = {}) {
    await this.#client.nova('DELETE', `/servers/${id}`, undefined, { allow: [404] })
    await this.waitUntilGone(id, timeoutMs)
  }

  async waitUntilGone(id, timeoutMs = 45_000) {
    let last = {}
    await pollUntil(
      `server ${id} to be deleted`,
      async () => {
        const { status, body } = await this.#client.nova('GET', `/servers/${id}`, undefined, { allow: [404] })
        last = body?.server ?? {}
        if (last.status === 'ERROR' && last['OS-EXT-STS:task_state'] === null)
          throw new ServerFailed(`server ${id} is ERROR instead of deleted: ${last.fault?.message ?? 'no fault is recorded'}`)
        return status === 404
      },
      { timeoutMs, describe: () => `, it is ${last.status} (${last['OS-EXT-STS:task_state']})` },
    )
  }

  /** What the server has in Placement: resources by the name of the provider. */
  async allocations(id) {
    const { allocations } = (await this.#client.placement('GET', `/allocations/${id}`)).body
    const providers = (await this.#client.placement('GET', '/resource_providers')).body.resource_providers
    const name = (uuid) => providers.find((one) => one.uuid === uuid)?.name ?? uuid
    return Object.fromEntries(Object.entries(allocations).map(([uuid, { resources }]) => [name(uuid), resources]))
  }

  /** Its ports, as Neutron has them. */
  async ports(id) {
    return (await this.#client.neutron('GET', `/ports?device_id=${id}`)).body.ports
  }

  /**
   * Placement has what the flavor says on the server's host and nowhere else; Neutron's ports are bound to that host, and ACTIVE where
   * somebody tells Neutron that they are `plugged`. A server that boots from a volume takes no `disk` of its host.
   */
  async checkPlaced(id, { flavor = names.tiny, ports = 1, plugged = true, disk = true } = {}) {
    const server = await this.get(id)
    const host = server['OS-EXT-SRV-ATTR:host']
    assert.deepEqual(await this.allocations(id), { [host]: resourcesOf(flavor, disk) }, 'its allocations')
    const found = await pollUntil('its ports to be bound', async () => {
      const all = await this.ports(id)
      return all.every((port) => port['binding:host_id'] === host) && all
    })
    assert.equal(found.length, ports, 'its ports')
    for (const port of found) {
      assert.equal(port.device_owner, `compute:${server['OS-EXT-AZ:availability_zone']}`, 'owner of the port')
      if (plugged) assert.equal(port.status, 'ACTIVE', 'status of the port')
      const shown = Object.values(server.addresses).flat()
      const { mac_address: mac, fixed_ips: ips } = port
      for (const { ip_address: ip } of ips)
        assert.ok(
          shown.some((one) => one.addr === ip && one['OS-EXT-IPS-MAC:mac_addr'] === mac),
          `address ${ip} of the port is not shown: ${JSON.stringify(server.addresses)}`,
        )
    }
  }

  /** Nothing of it is left: no allocation, no port, no attachment of a volume, no guest of ours. */
  async checkGone(id) {
    await pollUntil(`the allocations of ${id} to go`, async () => Object.keys(await this.allocations(id)).length === 0, {
      timeoutMs: 15_000,
    })
    const ports = await this.ports(id)
    assert.deepEqual(
      ports.map((port) => port.id),
      [],
      `ports of ${id} are left`,
    )
    const attached = (await this.#client.cinder('GET', `/attachments?instance_id=${id}&all_tenants=1`)).body.attachments
    assert.deepEqual(attached, [], `attachments of ${id} are left`)
    for (const host of await this.#ourHosts()) assert.ok(!this.#guestsOf(host).includes(id), `the guest of ${id} is left on ${host}`)
  }

  /** Hosts where our nova-compute runs now. */
  async #ourHosts() {
    const prefix = 'ours-nova-compute-'
    return (await this.#cloud.running()).filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
  }

  /** Our fake driver keeps its guests in a file; Python's keeps them in memory. */
  #guestsOf(host) {
    const file = join(this.#cloud.settings.stateDir, 'hosts', host, 'fake-guests', `${host}.json`)
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }

  /** What was done to it, newest first, each with its events. */
  async actions(id) {
    const list = (await this.#client.nova('GET', `/servers/${id}/os-instance-actions`)).body.instanceActions
    const show = async ({ request_id: request }) =>
      (await this.#client.nova('GET', `/servers/${id}/os-instance-actions/${request}`)).body.instanceAction
    return Promise.all(list.map(show))
  }

  /** Every action has ended, and no event of one has failed. */
  async checkActions(id, wanted) {
    const actions = await pollUntil(`the events of ${wanted} to end`, async () => {
      const all = await this.actions(id)
      return all.every(({ events }) => events.every((event) => event.finish_time)) && all
    })
    for (const action of wanted) {
      const found = actions.find((one) => one.action === action)
      assert.ok(found, `no action ${action}; there are ${actions.map((one) => one.action)}`)
      for (const event of found.events) assert.equal(event.result, 'Success', `event ${event.event} of ${action}: ${event.traceback}`)
    }
    return actions
  }

  /** Deletes what is left of them, and checks that all of it is gone. */
  async removeAll() {
    for (const id of this.ids) {
      const { status, body } = await this.#client.nova('GET', `/servers/${id}`, undefined, { allow: [404] })
      if (status === 404) continue
      if (body.server.locked) await this.act(id, 'unlock')
      await this.#client.nova('DELETE', `/servers/${id}`, undefined, { allow: [404] })
    }
    for (const id of this.ids) await this.waitUntilGone(id, 30_000)
    for (const id of this.ids) await this.checkGone(id)
  }
}

/** What a server of a flavor takes in Placement. */
export function resourcesOf(flavor, disk = true) {
  const sizes = { [names.tiny]: [1, 512, 1], [names.small]: [2, 1024, 2] }
  const [VCPU, MEMORY_MB, DISK_GB] = sizes[flavor]
  return { VCPU, MEMORY_MB, ...(disk && { DISK_GB }) }
}
