import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareWithReference } from '@micronova/config'
import { RpcapiError } from './errors.js'
import { checkUpgradeLevels, noUpgradeLevels, upgradeLevelOptions } from './upgrade-levels.js'

test('each option has the name, type, default and limits of Nova', () => {
  assert.deepEqual(compareWithReference([upgradeLevelOptions]), [])
})

test('a level is a release of its API, a version, or auto for computes alone', () => {
  for (const compute of [null, 'auto', 'yoga', '5.13', '6.0']) checkUpgradeLevels({ ...noUpgradeLevels, compute })
  checkUpgradeLevels({ baseapi: '1.1', compute: null, conductor: '3.0', scheduler: '4.5' })
  const refused = (code: RegExp) => (err: unknown) =>
    err instanceof RpcapiError && err.code === 'bad_upgrade_level' && code.test(err.message)
  assert.throws(
    () => checkUpgradeLevels({ ...noUpgradeLevels, conductor: 'auto' }),
    refused(/^\[upgrade_levels\] conductor: 'auto' is neither/),
  )
  assert.throws(() => checkUpgradeLevels({ ...noUpgradeLevels, compute: 'zedd' }), refused(/compute: 'zedd' .*yoga, zed\)$/))
})
