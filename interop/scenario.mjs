// What a scenario is, and how one is run: with a deadline, cleaned up after, and judged.
import { LogWatch } from './log-watch.mjs'
import { Servers } from './servers.mjs'
import { Volumes } from './volumes.mjs'
import { NotInTime } from './wait.mjs'

/**
 * @typedef {object} Stage what a scenario is given
 * @property {import('./cloud.mjs').Cloud} cloud
 * @property {import('./client.mjs').Client} client
 * @property {Servers} servers
 * @property {Volumes} volumes
 * @property {import('./configurations.mjs').Configuration} configuration
 * @property {string} home the host where a scenario that moves a server begins
 * @property {string} away the other host
 * @property {(undo: () => Promise<unknown>) => void} afterwards runs whatever becomes of the scenario, last one first
 *
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} expects what a user sees when all is well, in a sentence
 * @property {readonly string[]} methods of nova-compute's RPC that it makes a Python peer send or serve
 * @property {number} timeoutSeconds
 * @property {boolean} [alone] nothing else may run beside it: it changes hosts or services
 * @property {readonly string[]} [configurations] where it makes sense; everywhere if absent
 * @property {string} [skipped] why it cannot be run on this cloud
 * @property {(stage: Stage) => Promise<void>} run
 */

/** @param {Omit<Scenario, 'timeoutSeconds'> & { timeoutSeconds?: number }} definition */
export const scenario = (definition) => ({ timeoutSeconds: 120, ...definition })

/**
 * @typedef {{ scenario: string, configuration: string, result: 'green' | 'red' | 'skipped', seconds: number, error?: string,
 *   log?: string[], firstError?: string }} Outcome `firstError`: of a first try, which was red; the rest is of the second
 */

/**
 * Runs one scenario to its end or its deadline, removes what it made, and looks for what it left behind.
 * @param {Scenario} subject
 * @param {import('./cloud.mjs').Cloud} cloud
 * @param {import('./configurations.mjs').Configuration} configuration
 * @returns {Promise<Outcome>}
 */
export async function runScenario(subject, cloud, configuration) {
  const outcome = { scenario: subject.name, configuration: configuration.name }
  if (subject.skipped) return { ...outcome, result: 'skipped', seconds: 0, error: subject.skipped }
  const begun = performance.now()
  const logs = new LogWatch(configuration.members.map((member) => cloud.logFile(member)))
  const servers = new Servers(cloud, subject.name)
  const volumes = new Volumes(cloud, subject.name)
  const undo = []
  const { home, away } = configuration
  const stage = { cloud, client: cloud.client, servers, volumes, configuration, home, away, afterwards: (step) => undo.push(step) }
  const errors = []
  await inTime(subject.run(stage), subject.timeoutSeconds).catch((error) => errors.push(error))
  for (const step of undo.reverse()) await inTime(step(), 120).catch((error) => errors.push(error))
  await inTime(servers.removeAll(), 90).catch((error) => errors.push(error))
  await inTime(volumes.removeAll(), 60).catch((error) => errors.push(error))
  const seconds = Math.round((performance.now() - begun) / 100) / 10
  if (errors.length === 0) return { ...outcome, result: 'green', seconds }
  return { ...outcome, result: 'red', seconds, error: errors.map(describe).join('; then '), log: logs.troubles(servers.ids) }
}

/** @param {Promise<unknown>} work */
async function inTime(work, seconds) {
  let timer
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new NotInTime(`did not end within ${seconds} s`)), seconds * 1000)
  })
  work.catch(() => {}) // what it throws after its deadline
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** An assertion's message, which may be long, in one line. */
function describe(error) {
  const place = /scenarios\/[\w-]+\.mjs:\d+/.exec(error.stack ?? '')?.[0]
  const line = String(error.message ?? error).replace(/\s+/g, ' ')
  return place ? `${line} (${place})` : line
}
