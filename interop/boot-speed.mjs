// How fast servers become ACTIVE behind nova-api: one after another, and many at once; with our services and with Python's.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { configurations } from './configurations.mjs'
import { FaultProxy } from './proxy.mjs'
import { purge } from './purge.mjs'
import { pollUntil } from './wait.mjs'

/**
 * Measures one configuration.
 * @param {import('./cloud.mjs').Cloud} cloud up
 * @param {string} name of a configuration
 * @param {object} [options]
 * @param {number} [options.inTurn] servers one after another
 * @param {number} [options.atOnce] servers of one request
 * @param {boolean} [options.network] with a port each, or none
 * @param {number} [options.hosts] computes that take part
 * @param {boolean} [options.countRequests] what the computes ask Placement, through a proxy that costs some time itself
 */
export async function measureBoots(cloud, name, { inTurn = 20, atOnce = 100, network = true, hosts = 2, countRequests = false } = {}) {
  const arranged = configurations.find((one) => one.name === name).members
  const computes = arranged.filter(({ program }) => program === 'nova-compute').slice(0, hosts)
  const members = [...arranged.filter(({ program }) => program !== 'nova-compute'), ...computes]
  await cloud.arrange(members.filter((member) => !computes.includes(member))) // those of an earlier arrangement go
  const proxy = countRequests ? new FaultProxy(cloud.settings.ports.placement) : null
  const database = await createConnection({
    host: '127.0.0.1',
    user: cloud.settings.databaseUser,
    password: cloud.settings.password,
    database: cloud.settings.cellDatabase,
  })
  try {
    if (proxy) {
      const config = join(mkdtempSync(join(tmpdir(), 'micronova-interop-')), 'proxy.conf')
      writeFileSync(config, `[placement]\nendpoint_override = ${await proxy.start()}\n`)
      for (const member of computes) await cloud.start(member, { config })
    }
    await cloud.arrange(members)
    const boots = new Boots(cloud, database, network ? [{ uuid: cloud.made.network }] : 'none')
    const begin = async () => {
      await purge(cloud.client)
      await only(cloud, computes)
      proxy?.reset()
    }
    await begin()
    await boots.run(1) // what is done at a first request only
    await begin()
    const each = []
    for (let i = 0; i < inTurn; i++) each.push(await boots.run(1))
    const requestsInTurn = proxy && proxy.seen.length / inTurn
    await begin()
    const wallMs = await boots.run(atOnce)
    const requestsAtOnce = proxy && proxy.seen.length / atOnce
    each.sort((a, b) => a - b)
    return {
      configuration: name,
      hosts: computes.length,
      in_turn: { servers: inTurn, median_ms: round(each[inTurn >> 1]), min_ms: round(each[0]), max_ms: round(each.at(-1)) },
      at_once: { servers: atOnce, wall_s: round(wallMs) / 1000 },
      ...(proxy && { placement_requests_of_computes_per_server: { in_turn: round2(requestsInTurn), at_once: round2(requestsAtOnce) } }),
    }
  } finally {
    await purge(cloud.client)
    for (const member of computes) await cloud.stop(member)
    await database.end()
    await proxy?.stop()
  }
}

/** A host that has just stopped counts as up for a minute, and would be given servers. */
async function only(cloud, computes) {
  for (const { id, host, binary } of await cloud.services())
    if (binary === 'nova-compute' && !computes.some((one) => one.host === host))
      await cloud.client.nova('PUT', `/os-services/${id}`, { forced_down: true })
}

class Boots {
  #cloud
  #database
  #networks

  constructor(cloud, database, networks) {
    this.#cloud = cloud
    this.#database = database
    this.#networks = networks
  }

  /** @returns milliseconds from the request to the last of `count` servers ACTIVE */
  async run(count) {
    const { client, made } = this.#cloud
    const server = {
      name: 'interop-speed',
      flavorRef: made.flavors['interop.tiny'],
      imageRef: made.image,
      networks: this.#networks,
      min_count: count,
      max_count: count,
      return_reservation_id: true,
    }
    const begun = performance.now()
    const { reservation_id: reservation } = (await client.nova('POST', '/servers', { server })).body
    await pollUntil(`${count} servers to be ACTIVE`, async () => (await this.#active(reservation)) === count, {
      timeoutMs: 900_000,
      everyMs: count > 1 ? 250 : 10,
    })
    return performance.now() - begun
  }

  /** Read straight from the database: a list of a hundred servers keeps nova-api busy for longer than a boot. */
  async #active(reservation) {
    const [rows] = await this.#database.query(
      'SELECT vm_state, task_state, COUNT(*) AS servers FROM instances WHERE deleted = 0 AND reservation_id = ? GROUP BY vm_state, task_state',
      [reservation],
    )
    if (rows.some((row) => row.vm_state === 'error')) throw new Error('a server is ERROR')
    return Number(rows.find((row) => row.vm_state === 'active' && row.task_state === null)?.servers ?? 0)
  }
}

const round = (value) => Math.round(value)
const round2 = (value) => Math.round(value * 100) / 100
