// docs/compatibility.md, made of the outcomes of a run.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { configurations } from './configurations.mjs'
import { exercisedMethods, notExercised } from './coverage.mjs'
import { scenarios } from './scenarios/index.mjs'

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url))

/** Debian's packages whose versions say what "Python's" means. */
const packages = [
  'nova-api',
  'python3-oslo.messaging',
  'placement-api',
  'neutron-api',
  'glance-api',
  'python3-cinder',
  'keystone',
  'rabbitmq-server',
]

function versions() {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the form is dpkg-query's
  const format = '${Package} ${Version}\n'
  return execFileSync('dpkg-query', ['-W', '-f', format, ...packages], { encoding: 'utf8' })
    .trim()
    .split('\n')
}

/** @param {readonly import('./scenario.mjs').Outcome[]} outcomes */
export function writeCompatibility(outcomes) {
  const { version } = JSON.parse(readFileSync(path('../package.json'), 'utf8'))
  writeFileSync(path('../docs/compatibility.md'), compatibility(outcomes, { ours: version, theirs: versions() }))
}

/**
 * The text of the page.
 * @param {readonly import('./scenario.mjs').Outcome[]} outcomes
 * @param {{ ours: string, theirs: readonly string[] }} versions
 */
export function compatibility(outcomes, { ours, theirs }) {
  return `${[
    '# Compatibility',
    'Made by `npm run interop -- --yes --write-docs`; do not edit. What the words mean is in [interop/README.md](../interop/README.md).',
    `Ours: micronova ${ours}. Theirs, from Debian 12: ${theirs.join(', ')}. nova-api is Python's throughout, the driver is the fake one.`,
    '## Who stands in whose place',
    places(outcomes),
    '## Scenarios',
    'A dash: not run in that combination.',
    scenarioTable(outcomes),
    '## What each scenario expects',
    scenarios.map(({ name, expects }) => `- **${name}**: ${expects}`).join('\n'),
    '## Methods of compute RPC',
    'Sent or served by a Python peer in the scenario named; checked against a recording of the broker (`interop/check-coverage.mjs`).',
    methodTable(),
  ].join('\n\n')}\n`
}

function places(outcomes) {
  const rows = configurations.map(({ name, title, members }) => {
    const cells = outcomes.filter((outcome) => outcome.configuration === name)
    const of = (result) => cells.filter((cell) => cell.result === result).length
    const ours = members.filter(({ kind }) => kind === 'ours').map(({ program, host }) => `${program} on ${host}`)
    const tried = of('green') + of('red')
    return [name, title, ours.join(', ') || (name === 'swap' ? 'in turn' : '-'), tried === 0 ? 'not run' : `${of('green')} of ${tried}`]
  })
  return markdownTable(['configuration', 'what it is', 'ours', 'green'], rows)
}

function scenarioTable(outcomes) {
  const columns = configurations.map(({ name }) => name)
  const cell = (scenario, column) => {
    const outcome = outcomes.find((one) => one.scenario === scenario && one.configuration === column)
    return outcome ? `${outcome.result}${outcome.firstError ? ' at the second try' : ''}` : '-'
  }
  const rows = scenarios.map(({ name, skipped }) =>
    skipped ? [`${name} (${skipped})`, ...columns.map(() => '-')] : [name, ...columns.map((column) => cell(name, column))],
  )
  return markdownTable(['scenario', ...columns], rows)
}

function methodTable() {
  const exercised = [...exercisedMethods()].map(([method, names]) => [`\`${method}\``, names.join('; ')])
  const left = Object.entries(notExercised).map(([method, reason]) => [`\`${method}\``, `none: ${reason}`])
  return markdownTable(
    ['method', 'scenarios'],
    [...exercised, ...left].sort(([a], [b]) => a.localeCompare(b)),
  )
}

function markdownTable(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}
