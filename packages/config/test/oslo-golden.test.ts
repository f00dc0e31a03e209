// What this package makes of values and files, beside what oslo.config itself made of them (fixtures/oslo-config.json).
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { defineOptions, type OptionLimits, type OptionTypeName, opt } from '../src/declare.js'
import { ConfigSyntaxError } from '../src/errors.js'
import { memorySources } from '../src/memory-sources.js'
import { OptionTable } from '../src/option-table.js'
import { type ReadingPlan, readUnchecked } from '../src/reading.js'
import { convert } from '../src/types/convert.js'

type Recorded = 'refused' | { readonly value: unknown }

interface Golden {
  readonly types: readonly {
    readonly type: OptionTypeName
    readonly limits: OptionLimits
    readonly results: readonly (readonly [string, Recorded])[]
  }[]
  readonly files: readonly (readonly [readonly string[], 'syntax' | Readonly<Record<string, Recorded>>])[]
}

const golden: Golden = JSON.parse(readFileSync(fileURLToPath(new URL('../../test/fixtures/oslo-config.json', import.meta.url)), 'utf8'))

/** Numbers that JSON does not have, as the recording has them. */
function plain(value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value
  return { float: Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf' }
}

/** Where this package departs from oslo.config on purpose: by type, the texts that it refuses. */
const refusedHere: Partial<Record<OptionTypeName, readonly string[]>> = {
  Integer: ['٣'], // digits of other scripts
  Port: ['٣'],
  List: ['٣'],
  Hostname: ['host\n'], // a regular expression of Python overlooks a line feed at the end
  HostAddress: ['host\n'],
  HostDomain: ['host\n'],
}

for (const { type, limits, results } of golden.types) {
  test(`${type} ${JSON.stringify(limits)} takes and refuses what oslo.config does`, () => {
    for (const [text, recorded] of results) {
      const conversion = convert(text, type, limits)
      const ours = 'why' in conversion ? 'refused' : { value: plain(conversion.value) }
      assert.deepEqual(ours, refusedHere[type]?.includes(text) ? 'refused' : recorded, JSON.stringify(text))
    }
  })
}

const groups = [
  defineOptions('DEFAULT', {
    s: opt.string({}),
    t: opt.string({ default: '$s!' }),
    i: opt.integer({ default: 3 }),
    b: opt.boolean({ default: false }),
    l: opt.list({ default: ['$s', 'y'] }),
    m: opt.multiString({ deprecatedNames: [{ name: 'm1' }, { name: 'm2', group: 'old' }] }),
    d: opt.multiDict({}),
  }),
  defineOptions('group', {
    s: opt.string({}),
    u: opt.string({}),
    n: opt.string({ deprecatedNames: [{ name: 'n1', group: 'DEFAULT' }, { name: 'n-2' }, { name: 'n', group: 'old' }] }),
  }),
]

/** An empty number is "not set" here, so that an option with a default always has a number. */
const emptyNumber = '[DEFAULT]\ni=\n'

for (const [texts, recorded] of golden.files) {
  test(`${JSON.stringify(texts)} is read as oslo.config reads it`, () => {
    const paths = texts.map((_, index) => `/${index}.conf`)
    const sources = memorySources(Object.fromEntries(paths.map((path, index) => [path, texts[index]!])))
    const table = new OptionTable(groups)
    const reference = () => new OptionTable([])
    const plan: ReadingPlan = {
      sources,
      declared: table,
      reference,
      catalogue: undefined,
      defaults: {},
      readElsewhere: {},
      commandLine: [],
      defaultFiles: paths,
      defaultFolders: [],
    }
    if (recorded === 'syntax') {
      assert.throws(() => readUnchecked(plan), ConfigSyntaxError)
      return
    }
    const { values } = readUnchecked(plan)
    for (const option of table) {
      const key = `${option.group}.${option.name}`
      let ours: Recorded
      try {
        ours = { value: values.value(option) }
      } catch {
        ours = 'refused'
      }
      let theirs: Recorded = recorded[key]!
      if (key === 'DEFAULT.m' && theirs !== 'refused' && theirs.value === null) theirs = { value: [] }
      if (key === 'DEFAULT.i' && texts[0] === emptyNumber) theirs = { value: 3 }
      assert.deepEqual(ours, theirs, key)
    }
  })
}
