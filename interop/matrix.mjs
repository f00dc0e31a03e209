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
 * @returns {Promise<import('./scenario.mjs').Outcome[]>}
 */
export async function runMatrix(cloud, configurations, scenarios, log) {
  const outcomes = []
  for (const configuration of configurations) {
    const chosen = scenarios.filter((one) => belongs(one, configuration))
    if (chosen.length === 0) continue
    const absent = configuration.members.find((member) => member.kind === 'ours' && !programExists(member.program))
    if (absent) {
      log(`interop: ${configuration.name}: skipped, there is no bin/${absent.program}`)
      continue
    }
    outcomes.push(...(await runConfiguration(cloud, configuration, chosen, log)))
  }
  return outcomes
}

/** A configuration for which scenarios are written runs those, any other all that name none. */
function belongs(scenario, { name }) {
  return scenario.configurations ? scenario.configurations.includes(name) : name !== 'swap'
}

const programExists = (program) => existsSync(fileURLToPath(new URL(`../bin/${program}`, import.meta.url)))

async function runConfiguration(cloud, configuration, scenarios, log) {
  log(`interop: ${configuration.name}: ${configuration.title}`)
  try {
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
  const outcomes = []
  const runOne = async (scenario) => {
    const outcome = await runScenario(scenario, cloud, configuration)
    outcomes.push(outcome)
    log(`  ${outcome.result.padEnd(8)} ${scenario.name} (${outcome.seconds} s)${outcome.error ? `: ${outcome.error}` : ''}`)
    for (const line of outcome.log ?? []) log(`             ${line}`)
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
  return scenarios.map(({ name }) => outcomes.find((outcome) => outcome.scenario === name))
}

async function inParallel(items, atOnce, work) {
  const waiting = [...items]
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
