// The catalogue beside the reference table of Nova Zed, and every option of it through a parse.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureJson } from '@micronova/testing'
import { zedCatalogue } from '../src/catalogue.js'
import { compareWithReference } from '../src/compare-with-reference.js'
import { defineOptions, type OptionGroup, type OptionSpec, opt } from '../src/declare.js'
import { OptionValueError } from '../src/errors.js'
import { memorySources } from '../src/memory-sources.js'
import { type Option, OptionTable } from '../src/option-table.js'
import { parseConfig } from '../src/parse-config.js'
import { renderSample } from '../src/sample.js'
import { convert, isMulti } from '../src/types/convert.js'
import { textOf } from '../src/types/text.js'

interface ReferenceOption {
  readonly type: string
  readonly opt_class: string
  readonly default: unknown
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly unknown[]
  readonly regex?: string
  readonly ignore_case?: boolean
  readonly max_length?: number
  readonly schemes?: readonly string[]
  readonly item_type?: { readonly type: string; readonly choices?: readonly string[] }
  readonly secret?: boolean
  readonly mutable?: boolean
  readonly deprecated_for_removal?: boolean
  readonly deprecated_names?: readonly { readonly group: string; readonly name: string }[]
}

const { groups: reference } = readFixtureJson<{ groups: Record<string, Record<string, ReferenceOption>> }>('reference/config-options.json')
const catalogue = zedCatalogue.groups()
const table = new OptionTable(catalogue)
const options = [...table]

test('the catalogue has the 1076 options of the reference and no other', () => {
  const names = Object.entries(reference).flatMap(([group, members]) => Object.keys(members).map((name) => `${group}.${name}`))
  assert.equal(names.length, 1076)
  assert.deepEqual(options.map(({ group, name }) => `${group}.${name}`).sort(), names.sort())
})

/** The reference writes the types of keystoneauth's options as Python's `type`, and a MultiOpt of Dicts as Dict. */
function typeOf({ type, opt_class }: ReferenceOption): string {
  return type === 'type' ? 'String' : opt_class === 'MultiOpt' ? 'MultiDict' : type
}

/** Limits as the reference has them: a `min` of 0 is missing there, and ports have their range from their type. */
function expectedLimits(option: ReferenceOption, ours: OptionSpec['limits']) {
  const { min = ours.min === 0 ? 0 : undefined, max, choices, regex, ignore_case, max_length, schemes } = option
  const given = { min, max, choices, regex, ignoreCase: ignore_case, maxLength: max_length, schemes }
  return Object.fromEntries(Object.entries(given).filter(([, limit]) => limit !== undefined))
}

test('types, limits, defaults and attributes of the catalogue are those of the reference', () => {
  for (const { group, name, spec } of options) {
    const theirs = reference[group]![name]!
    const label = `[${group}] ${name}`
    assert.equal(spec.type, typeOf(theirs), label)
    const { item, ...limits } = spec.limits
    assert.deepEqual(limits, expectedLimits(theirs, spec.limits), label)
    assert.deepEqual(item?.choices, theirs.item_type?.choices, label)
    if (!/<[\w-]+>/.test(JSON.stringify(theirs.default))) assert.deepEqual(spec.default, theirs.default, label)
    assert.equal(spec.secret, theirs.secret, label)
    assert.equal(spec.mutable, theirs.mutable, label)
    assert.equal(spec.deprecatedForRemoval, theirs.deprecated_for_removal, label)
    for (const former of theirs.deprecated_names ?? []) {
      const found = table.formerly(former.group, former.name).some(({ option }) => option.name === name && option.group === group)
      assert.ok(found || (former.group === group && former.name === name), `${label} was [${former.group}] ${former.name}`)
    }
  }
})

test('every option of the reference is read with its default written out', () => {
  const lines = options.flatMap(({ group, name, spec }) => {
    if (spec.default === null) return []
    const values = isMulti(spec.type) ? (spec.default as readonly unknown[]) : [spec.default]
    return values.map((value) => `[${group}]\n${name} = "${textOf(value)}"\n`)
  })
  const config = parse(catalogue, lines.join(''), { DEFAULT: { pybasedir: '/py', my_ip: '10.0.0.1' } })
  assert.deepEqual(
    config.warnings.filter((warning) => !warning.includes('deprecated')),
    [],
  )
  for (const { group, name, spec, value } of config.entries()) {
    if (!textOf(spec.default).includes('$') && !['pybasedir', 'my_ip'].includes(name))
      assert.deepEqual(value, spec.default, `[${group}] ${name}`)
  }
})

/** A text that an option must refuse; undefined if its type takes any text. */
function wrongText({ spec: { type, limits } }: Option): string | undefined {
  switch (type) {
    case 'Integer':
    case 'Float':
    case 'Port':
      return limits.max === undefined ? (limits.min === undefined ? 'much' : String(limits.min - 1)) : String(limits.max + 1)
    case 'Boolean':
      return 'maybe'
    case 'HostAddress':
    case 'HostDomain':
      return 'not a host'
    case 'URI':
      return 'not a URI'
    case 'MultiDict':
      return 'no pair'
    case 'List':
      return limits.item === undefined || limits.item.ignoreCase ? undefined : 'no such item'
    default:
      return (limits.choices ?? limits.regex) ? 'no such choice' : undefined
  }
}

test('every option of the reference refuses a wrong value, if its type has any', () => {
  let refused = 0
  for (const option of options) {
    const text = wrongText(option)
    if (text === undefined) continue
    refused++
    assert.ok('why' in convert(text, option.spec.type, option.spec.limits), `[${option.group}] ${option.name}`)
  }
  assert.equal(refused, 547)
})

test('a wrong value of an option that nobody declares is refused by a parse', () => {
  for (const option of options.filter((_, index) => index % 40 === 0)) {
    const text = wrongText(option)
    if (text === undefined) continue
    assert.throws(
      () => parse([], `[${option.group}]\n${option.name} = ${text}\n`),
      (error) => error instanceof OptionValueError && error.option === option.name && error.group === option.group,
    )
  }
})

test('the sample file of all options can be read, and sets nothing', () => {
  const config = parse(catalogue, renderSample(catalogue), { DEFAULT: { pybasedir: '/py', my_ip: '10.0.0.1' } })
  assert.deepEqual(config.warnings, [])
  assert.ok(config.entries().every(({ location }) => location.kind === 'default'))
})

test('the lines of the sample file, uncommented, set every option to its default', () => {
  const defaults = { DEFAULT: { pybasedir: '/py', my_ip: '10.0.0.1' } }
  const text = renderSample(catalogue).replaceAll(/^#(?=\w)/gm, '')
  const config = parse(catalogue, text, defaults)
  assert.deepEqual(config.unknown, [])
  const set = config.entries().filter(({ location }) => location.kind === 'file')
  assert.ok(set.length > 600)
  assert.deepEqual(valuesOf(config), valuesOf(parse(catalogue, '', defaults)))
})

function valuesOf(config: ReturnType<typeof parse>): Record<string, unknown> {
  return Object.fromEntries(config.entries().map(({ group, name, value }) => [`[${group}] ${name}`, value]))
}

test('an option stands in the sample as oslo-config-generator has it', () => {
  const group = defineOptions('conductor', {
    workers: opt.integer({
      min: 1,
      max: 9,
      mutable: true,
      deprecatedNames: [{ name: 'workers', group: 'DEFAULT' }],
      help: 'Number of processes in which nova-conductor serves; each of them has its own connections to the broker.',
    }),
    level: opt.string({ default: ' x', choices: [' x', 'y'], deprecatedForRemoval: true, deprecatedReason: 'Nobody reads it.' }),
    names: opt.multiString({ default: ['a', 'b'] }),
  })
  assert.equal(
    renderSample([group]),
    `[DEFAULT]


[conductor]

#
# Number of processes in which nova-conductor serves; each of them has its own
# connections to the broker. (integer value)
# Minimum value: 1
# Maximum value: 9
# Can be changed without restarting.
# Deprecated group/name - [DEFAULT]/workers
# workers = <None>

#
# (string value)
# Possible values:  x, y
# Deprecated for removal. Nobody reads it.
#level = " x"

#
# (multi valued)
#names = a
#names = b
`,
  )
})

test('options declared as in the reference compare equal, others are named with the difference', () => {
  assert.deepEqual(compareWithReference(catalogue), [])
  const wrong = defineOptions('DEFAULT', {
    debug: opt.boolean({ default: true }),
    host: opt.string({}),
    max_concurrent_builds: opt.integer({ default: 10 }),
    transport_url: opt.string({ default: 'rabbit://' }),
    log_dir: opt.string({}),
    colour: opt.string({}),
    shade: opt.string({}),
  })
  assert.deepEqual(compareWithReference([wrong], ['[DEFAULT] shade']), [
    '[DEFAULT] debug: default is true, in Nova false',
    '[DEFAULT] debug: mutable is false, in Nova true',
    '[DEFAULT] debug: cli is false, in Nova {"short":"d"}',
    '[DEFAULT] host: type is "String", in Nova "HostDomain"',
    '[DEFAULT] max_concurrent_builds: limits is {}, in Nova {"min":0}',
    '[DEFAULT] transport_url: secret is false, in Nova true',
    '[DEFAULT] log_dir: cli is false, in Nova true',
    '[DEFAULT] log_dir: deprecatedNames is [], in Nova ["[DEFAULT] logdir"]',
    '[DEFAULT] colour is no option of Nova',
  ])
})

function parse(groups: readonly OptionGroup[], text: string, defaults = {}) {
  const outcome = parseConfig([], {
    program: 'p',
    groups,
    catalogue: zedCatalogue,
    defaults,
    defaultConfigFiles: ['/f'],
    sources: memorySources({ '/f': text }),
  })
  assert.ok(outcome.kind === 'config')
  return outcome.config
}
