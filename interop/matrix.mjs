// Every scenario under every configuration.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { purge } from './purge.mjs'
import { runScenario } from './scenario.mjs'

/** Scenarios at a time. Two cores are busy with three; more only lengthens each. */
const AT_ONCE = 3

/**
 * @param {import('./cloud.mjs').Cloud} cloud up
 * @param {readonly import('./configurations.mjs').Configuration[]} configurations
 * @param {readonly import('./scenario.mjs').Scenario[]} scenarios
 * @param {(line: string) => void} log
 * @param {{ again?: boolean }} [options] `again`: what is red is run once more, alone
 * @returns {Promise<import('./scenario.mjs').Outcome[]>}
 */
export async function runMatrix(cloud, configurations, scenarios, log, { again = false } = {}) {
  const outcomes = []
  for (const configuration of configurations) {
    const chosen = scenarios.filter((one) => belongs(one, configuration))
    if (chosen.length === 0) continue
    const absent = configuration.members.find((member) => member.kind === 'ours' && !programExists(member.program))
    if (absent) {
      log(`interop: ${configuration.name}: skipped, there is no bin/${absent.program}`)
      continue
    }
    outcomes.push(...(await runConfiguration(cloud, configuration, chosen, log, again)))
  }
  return outcomes
}

/** A configuration for which scenarios are written runs those, any other all that name none. */
function belongs(scenario, { name, isSpecial }) {
  return scenario.configurations ? scenario.configurations.includes(name) : !isSpecial
}

const programExists = (program) => existsSync(fileURLToPath(new URL(`../bin/${program}`, import.meta.url)))

async function runConfiguration(cloud, configuration, scenarios, log, again) {
  log(`interop: ${configuration.name}: ${configuration.title}`)
  try {
    if (configuration.hasCells) await cloud.cells()
    await cloud.arrange(configuration.members)
    await purge(cloud.client)
  } catch (error) {
    log(`  RED      ${configuration.name} does not come up: ${error.message}`)
    const failed = {
      configuration: configuration.name,
      result: 'red',
      seconds: 0,
      error: `the configuration does not come up: ${error.message}`,
    }
    return scenarios.map(({ name }) => ({ ...failed, scenario: name }))
  }
  return tryAll(scenarios, (scenario) => runScenario(scenario, cloud, configuration), {
    told({ scenario, result, seconds, error, log: lines = [] }) {
      log(`  ${result.padEnd(8)} ${scenario} (${seconds} s)${error ? `: ${error}` : ''}`)
      for (const line of lines) log(`             ${line}`)
    },
    async beforeAgain(red) {
      log(`interop: ${configuration.name}: once more, alone: ${red.map(({ name }) => name).join(', ')}`)
      await purge(cloud.client)
    },
    again,
  })
}

/**
 * Some at a time, then those that must be alone, and then, if wished, once more what is red.
 * @template {{ name: string, alone?: boolean }} S
 * @param {readonly S[]} scenarios
 * @param {(scenario: S) => Promise<import('./scenario.mjs').Outcome>} run
 * @param {object} how
 * @param {(outcome: import('./scenario.mjs').Outcome) => void} how.told called as each ends
 * @param {(red: readonly S[]) => Promise<void>} how.beforeAgain
 * @param {boolean} how.again
 * @returns {Promise<import('./scenario.mjs').Outcome[]>} in the order of the scenarios
 */
export async function tryAll(scenarios, run, { told, beforeAgain, again }) {
  const outcomes = new Map()
  const runOne = async (scenario) => {
    const earlier = outcomes.get(scenario.name)
    const outcome = await run(scenario)
    outcomes.set(scenario.name, earlier ? { ...outcome, firstError: earlier.error } : outcome)
    told(outcome)
  }
  await inParallel(
    scenarios.filter((one) => !one.alone),
    AT_ONCE,
    runOne,
  )
  await inParallel(
    scenarios.filter((one) => one.alone),
    1,
    runOne,
  )
  const red = scenarios.filter(({ name }) => outcomes.get(name).result === 'red')
  if (again && red.length > 0) {
    await beforeAgain(red)
    await inParallel(red, 1, runOne)
  }
  return scenarios.map(({ name }) => outcomes.get(name))
}

async function inParallel(items, atOnce, work) {
  const waiting = [...items]
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
