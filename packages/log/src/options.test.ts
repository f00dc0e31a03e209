import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OptionSpec } from '@micronova/config'
import { readFixtureJson } from '@micronova/testing'
import { logOptions } from './options.js'

interface ReferenceOption {
  readonly type: string
  readonly default: unknown
  readonly mutable?: boolean
  readonly short?: string
  readonly choices?: readonly string[]
  readonly ignore_case?: boolean
  readonly deprecated_names?: readonly { readonly name: string }[]
  readonly item_type?: { readonly type: string }
  readonly namespaces: readonly string[]
}

interface Reference {
  readonly groups: { readonly DEFAULT: Readonly<Record<string, ReferenceOption>> }
  readonly cli_options: readonly { readonly name: string; readonly group: string; readonly short?: string | null }[]
}

const reference = readFixtureJson<Reference>('reference/config-options.json')
const upstream = Object.entries(reference.groups.DEFAULT).filter(([, option]) => option.namespaces.includes('oslo.log'))

test('the options are those of oslo.log, no more and no fewer', () => {
  assert.deepEqual(Object.keys(logOptions.options).sort(), upstream.map(([name]) => name).sort())
})

for (const [name, expected] of upstream) {
  const cli = reference.cli_options.find((option) => option.group === 'DEFAULT' && option.name.replaceAll('-', '_') === name)

  test(`${name} has upstream's type, default, limits, old names and flag`, () => {
    const spec: OptionSpec = logOptions.options[name as keyof typeof logOptions.options]
    assert.deepEqual(
      {
        type: spec.type,
        default: spec.default,
        mutable: spec.mutable ?? false,
        choices: spec.limits.choices,
        ignoreCase: spec.limits.ignoreCase,
        item: spec.limits.item?.type,
        oldNames: spec.deprecatedNames?.map((old) => old.name),
        flag: spec.cli !== undefined,
        short: typeof spec.cli === 'object' ? spec.cli.short : undefined,
      },
      {
        type: expected.type,
        default: expected.default,
        mutable: expected.mutable ?? false,
        choices: expected.choices,
        ignoreCase: expected.ignore_case,
        item: expected.item_type?.type,
        oldNames: expected.deprecated_names?.map((old) => old.name),
        flag: cli !== undefined,
        short: cli?.short ?? undefined,
      },
    )
  })
}
