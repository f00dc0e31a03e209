import assert from 'node:assert/strict'
import { test } from 'node:test'
import { host, storedInstance } from '../../test/support/compute-fixture.js'
import { periodicFixture } from '../../test/support/periodic-fixture.js'
import { takeCalls } from '../../test/support/tracker-fixture.js'

const name = '_sync_scheduler_instance_info'

test('the schedulers are told the uuids of the instances of this host, as Zed asks for them', async () => {
  const fixture = await periodicFixture()
  const here = [await storedInstance(fixture, { host }), await storedInstance(fixture, { host })]
  await storedInstance(fixture, { host: 'elsewhere' })
  await fixture.run(name)
  assert.deepEqual(fixture.calls[0]?.args, [host, [], { replica: true }])
  assert.deepEqual(fixture.sent, [{ method: 'sync_instance_info', args: { hostName: host, instanceUuids: here.map(({ uuid }) => uuid) } }])
})

test('schedulers that do not want to know are not told, and nothing is asked', async () => {
  const fixture = await periodicFixture({ settings: { trackInstanceChanges: false } })
  await storedInstance(fixture, { host })
  await fixture.run(name)
  assert.deepEqual([takeCalls(fixture), fixture.sent], [[], []])
})
