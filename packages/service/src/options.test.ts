import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OptionGroup } from '@micronova/config'
import { readFixtureJson } from '@micronova/testing'
import { defaultConfig } from '../test/config.js'
import { conductorWorkersOptions, hostOptions, serviceOptions } from './options.js'

interface Reference {
  readonly groups: Record<string, Record<string, { readonly type: string; readonly default: unknown }>>
}

/** What OpenStack Nova no longer has and configurations may still carry. */
const kept = ['compute_topic', 'compute_manager', 'conductor_manager', 'scheduler_manager', 'monkey_patch', 'monkey_patch_modules']

test('each option has the type and the default of Nova, but for the old ones that are marked', () => {
  const { groups } = readFixtureJson<Reference>('reference/config-options.json')
  const declared: OptionGroup[] = [serviceOptions, hostOptions('<current_hostname>'), conductorWorkersOptions]
  const unknown: string[] = []
  for (const { group, options } of declared)
    for (const [name, option] of Object.entries(options)) {
      const reference = groups[group]?.[name]
      if (reference === undefined) unknown.push(name)
      else assert.deepEqual([name, option.type, option.default], [name, reference.type, reference.default])
    }
  assert.deepEqual(unknown, kept)
  for (const name of kept) assert.equal((serviceOptions as OptionGroup).options[name]?.deprecatedForRemoval, true, name)
})

test('the configuration that these tests start from is the declared one', () => {
  const defaults = Object.fromEntries(Object.entries(serviceOptions.options).map(([name, option]) => [name, option.default]))
  assert.deepEqual(defaultConfig, { ...defaults, host: 'compute1' })
})
