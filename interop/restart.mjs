// A compute runs for a while with options of a scenario's own.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Starts the compute of a host anew with more options, and after the scenario as it was.
 * @param {import('./scenario.mjs').Stage} stage
 * @param {string} host
 * @param {string} text of a file of options
 * @param {() => Promise<unknown>} [atTheEnd] when it has stopped for the last time
 */
export async function restartWith({ cloud, configuration, afterwards }, host, text, atTheEnd = async () => {}) {
  const member = configuration.members.find((one) => one.program === 'nova-compute' && one.host === host)
  const config = join(cloud.settings.stateDir, 'etc', `scenario-${host}.conf`)
  writeFileSync(config, text)
  afterwards(async () => {
    await cloud.stop(member)
    await atTheEnd()
    await cloud.start(member)
    await cloud.waitUntilUp(member)
  })
  await cloud.stop(member)
  await cloud.start(member, { config })
  await cloud.waitUntilUp(member)
}
