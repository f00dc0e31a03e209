import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { adminContext } from '@micronova/model'
import { countingRandom } from '../test/support/compute-fixture.js'
import { SchedulerNotices } from './scheduler-notices.js'

const ctx = adminContext({ clock: { now: () => 0 }, random: countingRandom }, { isAdmin: false })

function notices(options: { readonly enabled: boolean; readonly fails?: boolean }) {
  const sent: unknown[] = []
  const send = async (as: { isAdmin: boolean }, args: object) => {
    if (options.fails) throw new Error('the broker is gone')
    sent.push({ isAdmin: as.isAdmin, ...args })
  }
  const scheduler = { updateInstanceInfo: send, deleteInstanceInfo: send, syncInstanceInfo: send }
  return { notices: new SchedulerNotices({ scheduler, log: nullLogger }, { host: 'compute1', enabled: options.enabled }), sent }
}

test('notices carry the host and go out with all rights', async () => {
  const { notices: own, sent } = notices({ enabled: true })
  await own.remove(ctx, 'uuid1')
  await own.sync(ctx, ['uuid1', 'uuid2'])
  assert.deepEqual(sent, [
    { isAdmin: true, hostName: 'compute1', instanceUuid: 'uuid1' },
    { isAdmin: true, hostName: 'compute1', instanceUuids: ['uuid1', 'uuid2'] },
  ])
})

test('nothing is sent without track_instance_changes', async () => {
  const { notices: own, sent } = notices({ enabled: false })
  await own.update(ctx, [])
  await own.remove(ctx, 'uuid1')
  await own.sync(ctx, [])
  assert.deepEqual(sent, [])
})

test('a notice that cannot be sent fails nothing', async () => {
  const { notices: own } = notices({ enabled: true, fails: true })
  await own.remove(ctx, 'uuid1')
})
