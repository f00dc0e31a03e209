import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NovaError } from '@micronova/model'
import { readFixtureJson } from '@micronova/testing'
import { computeContract } from './contracts/compute.js'
import { automaticComputeCap, versionCap } from './version-caps.js'

test('an upgrade level is a release name, a version, or nothing', () => {
  assert.equal(versionCap(computeContract, 'victoria'), '5.12')
  assert.equal(versionCap(computeContract, '5.3'), '5.3')
  assert.equal(versionCap(computeContract, null), undefined)
})

test('the automatic cap of each service version is the one of its history', () => {
  const history = readFixtureJson<{ meta: { service_version_history_compute_rpc: string[] } }>('reference/rpc-compute.json').meta
    .service_version_history_compute_rpc
  const caps = history.map((_, version) => (version === 0 ? history[0] : automaticComputeCap(version)))
  assert.deepEqual(caps, history)
})

test('without any compute the automatic cap is our own version; one that is newer than we are is an error', () => {
  assert.equal(automaticComputeCap(0), '6.1')
  assert.throws(
    () => automaticComputeCap(65),
    (err) => err instanceof NovaError && err.kind === 'ServiceTooOld',
  )
})
