import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureJson } from '@micronova/testing'
import { databaseOptions } from './options.js'

interface ReferenceOption {
  readonly type: string
  readonly default: unknown
  readonly secret?: boolean
  readonly deprecated_names?: readonly { readonly group: string; readonly name: string }[]
}

test('the options of [database] are declared as oslo.db has them', () => {
  const reference = readFixtureJson<{ groups: { database: Record<string, ReferenceOption> } }>('reference/config-options.json').groups
    .database
  for (const [name, option] of Object.entries(databaseOptions.options)) {
    const { type, secret = false, deprecatedNames = [] } = option as typeof option & { secret?: boolean }
    const expected = reference[name]
    assert.ok(expected, `${name} is an option of oslo.db`)
    assert.deepEqual(
      { type, default: option.default, secret, deprecated: deprecatedNames },
      { type: expected.type, default: expected.default, secret: expected.secret ?? false, deprecated: expected.deprecated_names ?? [] },
      name,
    )
  }
})
