// Servers to ACTIVE behind Python's nova-api, with Python's services and with ours: needs the packages of `npm run interop`.
import { measureBoots } from '../interop/boot-speed.mjs'
import { Cloud } from '../interop/cloud.mjs'
import { lockCloud } from '../interop/lock.mjs'

/** @param {{ configurations?: string, inTurn?: string, atOnce?: string, network?: 'yes' | 'no' }} options */
export async function run({ configurations = 'python,our-compute,ours', inTurn = '20', atOnce = '100', network = 'yes' }) {
  const cloud = new Cloud()
  const unlock = await lockCloud(await cloud.lockFile(), (line) => process.stderr.write(`${line}\n`))
  try {
    await cloud.up()
    const results = []
    for (const name of configurations.split(','))
      results.push(await measureBoots(cloud, name, { inTurn: Number(inTurn), atOnce: Number(atOnce), network: network === 'yes' }))
    return results
  } finally {
    await cloud.down()
    unlock()
  }
}

export function describe(results) {
  return results
    .map(({ configuration, in_turn: turn, at_once: once, placement_requests_of_computes_per_server: requests }) =>
      [
        configuration,
        `  ${turn.servers} servers one after another: ${turn.median_ms} ms each (${turn.min_ms} to ${turn.max_ms})`,
        `  ${once.servers} servers at once: ${once.wall_s} s to the last`,
        `  requests of the computes to Placement for each server: ${requests.in_turn} one after another, ${requests.at_once} at once`,
      ].join('\n'),
    )
    .join('\n')
}
