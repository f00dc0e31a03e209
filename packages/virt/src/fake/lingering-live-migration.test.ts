import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { LibvirtLiveMigrateData } from '@micronova/model'
import { ctx, guestOf } from '../../test/contract/virt-driver-contract.js'
import { FakeLiveMigrateDriver } from './lingering-live-migration.js'

const uuid = 'aaaaaaaa-0000-4000-8000-000000000001'

function underWay(signal = new AbortController().signal) {
  const { liveMigration } = new FakeLiveMigrateDriver({ log: nullLogger })
  const { instance } = guestOf(uuid)
  const ended = liveMigration.migrate(ctx, { instance, network: [], blockDevices: [] }, 'away', new LibvirtLiveMigrateData(), signal)
  return { liveMigration, instance, ended }
}

test('a lingering live migration ends when it is completed by force, or aborted', async () => {
  const forced = underWay()
  await forced.liveMigration.forceComplete(forced.instance)
  assert.equal(await forced.ended, 'completed')
  const aborted = underWay()
  await aborted.liveMigration.abort(aborted.instance)
  assert.equal(await aborted.ended, 'cancelled')
})

test('a lingering live migration ends with its service', async () => {
  const stopping = new AbortController()
  const { ended } = underWay(stopping.signal)
  stopping.abort(new Error('stopping'))
  await assert.rejects(ended, /stopping/)
})
