// How fast servers become ACTIVE behind nova-api: one after another, and many at once; with our services and with Python's.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configurations } from './configurations.mjs'
import { FaultProxy } from './proxy.mjs'
import { purge } from './purge.mjs'
import { pollUntil } from './wait.mjs'

/**
 * Measures one configuration.
 * @param {import('./cloud.mjs').Cloud} cloud up
 * @param {string} name of a configuration
 * @param {{ inTurn?: number, atOnce?: number, network?: boolean }} [options]
 */
export async function measureBoots(cloud, name, { inTurn = 20, atOnce = 100, network = true } = {}) {
  const { members } = configurations.find((one) => one.name === name)
  const others = members.filter(({ program }) => program !== 'nova-compute')
  await cloud.arrange(others) // no compute of an earlier arrangement: they are started behind the proxy
  const proxy = new FaultProxy(cloud.settings.ports.placement)
  const config = join(mkdtempSync(join(tmpdir(), 'micronova-interop-')), 'proxy.conf')
  writeFileSync(config, `[placement]\nendpoint_override = ${await proxy.start()}\n`)
  const computes = members.filter(({ program }) => program === 'nova-compute')
  try {
    for (const member of computes) await cloud.start(member, { config })
    await cloud.arrange(members)
    await purge(cloud.client)
    const networks = network ? [{ uuid: cloud.made.network }] : 'none'
    await bootAll(cloud, 1, networks) // what is done at a first request only
    proxy.reset()
    const each = []
    for (let i = 0; i < inTurn; i++) each.push(await bootAll(cloud, 1, networks, { keep: true }))
    const placementInTurn = proxy.seen.length / inTurn
    await purge(cloud.client)
    proxy.reset()
    const wallMs = await bootAll(cloud, atOnce, networks, { keep: true })
    const placementAtOnce = proxy.seen.length / atOnce
    await purge(cloud.client)
    each.sort((a, b) => a - b)
    return {
      configuration: name,
      in_turn: { servers: inTurn, median_ms: round(each[inTurn >> 1]), min_ms: round(each[0]), max_ms: round(each.at(-1)) },
      at_once: { servers: atOnce, wall_s: round(wallMs) / 1000 },
      placement_requests_of_computes_per_server: { in_turn: round2(placementInTurn), at_once: round2(placementAtOnce) },
    }
  } finally {
    for (const member of computes) await cloud.stop(member)
    await proxy.stop()
  }
}

/** @returns milliseconds from the request to the last of `count` servers ACTIVE */
async function bootAll(cloud, count, networks, { keep = false } = {}) {
  const { client, made } = cloud
  const server = {
    name: 'interop-speed',
    flavorRef: made.flavors['interop.tiny'],
    imageRef: made.image,
    networks,
    min_count: count,
    max_count: count,
    return_reservation_id: true,
  }
  const begun = performance.now()
  const { reservation_id: reservation } = (await client.nova('POST', '/servers', { server })).body
  const list = async (status) => (await client.nova('GET', `/servers?reservation_id=${reservation}&status=${status}`)).body.servers
  await pollUntil(
    `${count} servers to be ACTIVE`,
    async () => {
      if ((await list('ERROR')).length > 0) throw new Error('a server is ERROR')
      return (await list('ACTIVE')).length === count
    },
    { timeoutMs: 600_000, everyMs: count > 1 ? 500 : 20 },
  )
  const took = performance.now() - begun
  if (!keep) await purge(client)
  return took
}

const round = (value) => Math.round(value)
const round2 = (value) => Math.round(value * 100) / 100
