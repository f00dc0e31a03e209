// Servers to ACTIVE behind Python's nova-api, with Python's services and with ours: needs the packages of `npm run interop`.
import { measureBoots } from '../interop/boot-speed.mjs'
import { Cloud } from '../interop/cloud.mjs'
import { lockCloud } from '../interop/lock.mjs'

/** @param {{ configurations?: string, inTurn?: string, atOnce?: string, network?: 'yes' | 'no', hosts?: string, requests?: 'yes' | 'no' }} options */
export async function run({
  configurations = 'python,our-compute,ours',
  inTurn = '20',
  atOnce = '100',
  network = 'yes',
  hosts = '2',
  requests = 'no',
}) {
  const cloud = new Cloud()
  const unlock = await lockCloud(await cloud.lockFile(), (line) => process.stderr.write(`${line}\n`))
  const how = {
    inTurn: Number(inTurn),
    atOnce: Number(atOnce),
    hosts: Number(hosts),
    network: network === 'yes',
    countRequests: requests === 'yes',
  }
  try {
    await cloud.up()
    const results = []
    for (const name of configurations.split(',')) results.push(await measureBoots(cloud, name, how))
    return results
  } finally {
    await cloud.down()
    unlock()
  }
}

export function describe(results) {
  return results
    .map(({ configuration, hosts, in_turn: turn, at_once: once, placement_requests_of_computes_per_server: requests }) =>
      [
        `${configuration}, on ${hosts} ${hosts === 1 ? 'host' : 'hosts'}`,
        `  ${turn.servers} servers one after another: ${turn.median_ms} ms each (${turn.min_ms} to ${turn.max_ms})`,
        `  ${once.servers} servers at once: ${once.wall_s} s to the last`,
        ...(requests
          ? [`  requests of the computes to Placement for each server: ${requests.in_turn} one after another, ${requests.at_once} at once`]
          : []),
      ].join('\n'),
    )
    .join('\n')
}
