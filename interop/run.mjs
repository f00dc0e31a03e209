// npm run interop -- --yes [--only PATTERN] [--configuration NAME]... [--again] [--keep] [--list] [--json FILE] [--write-docs]
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { prepare } from '../scripts/prepare.mjs'
import { Cloud } from './cloud.mjs'
import { writeCompatibility } from './compatibility.mjs'
import { configurations } from './configurations.mjs'
import { lockCloud } from './lock.mjs'
import { runMatrix } from './matrix.mjs'
import { scenarios } from './scenarios/index.mjs'
import { summary, table } from './table.mjs'

const usage = `usage: npm run interop -- --yes [OPTION...]
  --yes                    install what is missing of OpenStack, start it, run, and stop it
  --only PATTERN           scenarios whose name contains PATTERN; may be repeated
  --configuration NAME     one of ${configurations.map(({ name }) => name).join(', ')}; may be repeated
  --again                  run once more, alone, what is red; the table marks it
  --keep                   leave the cloud running
  --list                   name the scenarios with what they expect, and do nothing
  --json FILE              keep the outcomes there; those of earlier runs that this one does not repeat stay
  --write-docs             write docs/compatibility.md from the outcomes; without --yes from those of --json FILE alone
`

/** @returns the parsed options, or what is wrong with the command line */
function readArguments(args) {
  const flag = { type: 'boolean', default: false }
  const options = {
    yes: flag,
    again: flag,
    keep: flag,
    list: flag,
    help: flag,
    'write-docs': flag,
    json: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    configuration: { type: 'string', multiple: true, default: [] },
  }
  try {
    const { values } = parseArgs({ args, options })
    const unknown = values.configuration.find((name) => !configurations.some((one) => one.name === name))
    return unknown ? { wrong: `no configuration is called ${unknown}` } : { values }
  } catch (error) {
    return { wrong: error.message }
  }
}

function install(yes) {
  const script = fileURLToPath(new URL('install.sh', import.meta.url))
  const missing = execFileSync(script, ['missing'], { encoding: 'utf8' }).split('\n').filter(Boolean)
  if (missing.length > 0 && !yes) {
    process.stderr.write(`interop: with --yes this installs, with apt-get: ${missing.join(' ')}\n`)
    return false
  }
  if (!yes) {
    process.stderr.write('interop: everything is installed; with --yes this starts an OpenStack on 127.0.0.1 and runs the scenarios\n')
    return false
  }
  if (missing.length > 0) {
    process.stderr.write(`interop: installing ${missing.length} packages and what they need\n`)
    execFileSync(script, ['install'], { stdio: ['ignore', 'inherit', 'inherit'] })
  }
  return true
}

const readOutcomes = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [])

/** The newer outcome of each cell. */
function merge(earlier, later) {
  const same = (a) => (b) => a.scenario === b.scenario && a.configuration === b.configuration
  return [...earlier.filter((outcome) => !later.some(same(outcome))), ...later]
}

async function main() {
  const { values, wrong } = readArguments(process.argv.slice(2))
  if (wrong || values.help) {
    process.stderr.write(wrong ? `interop: ${wrong}\n${usage}` : usage)
    return wrong ? 2 : 0
  }
  const chosen = scenarios.filter(({ name }) => values.only.length === 0 || values.only.some((pattern) => name.includes(pattern)))
  if (values.list) {
    for (const { name, expects } of chosen) process.stdout.write(`${name}\n    ${expects}\n`)
    return 0
  }
  if (values['write-docs'] && values.json && !values.yes) {
    writeCompatibility(readOutcomes(values.json))
    return 0
  }
  if (!install(values.yes)) return 2
  await prepare()
  const cloud = new Cloud()
  const log = (line) => process.stderr.write(`${line}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, async () => {
      log(`interop: ${signal}: ${values.keep ? 'the cloud stays' : 'stopping the cloud'}`)
      if (!values.keep) await cloud.down()
      process.exit(130)
    })
  const unlock = await lockCloud(await cloud.lockFile(), log)
  try {
    log('interop: starting the cloud')
    await cloud.up()
    const arranged = configurations.filter(({ name }) => values.configuration.length === 0 || values.configuration.includes(name))
    const outcomes = await runMatrix(cloud, arranged, chosen, log, { again: values.again })
    const all = values.json ? merge(readOutcomes(values.json), outcomes) : outcomes
    if (values.json) writeFileSync(values.json, `${JSON.stringify(all, null, 1)}\n`)
    if (values['write-docs']) writeCompatibility(all)
    process.stdout.write(`${table(outcomes)}\n${summary(outcomes)}\n`)
    return outcomes.some(({ result }) => result === 'red') ? 1 : 0
  } finally {
    if (!values.keep) await cloud.down()
    unlock()
  }
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`interop: ${error.message}\n`)
  process.exitCode = 1
}
