import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeCinder } from '@micronova/clients'
import { nullLogger } from '@micronova/log'
import { BlockDeviceMapping, novaRegistry } from '@micronova/model'
import { createNovaSerializer } from '@micronova/rpcapi'
import { readFixtureLines } from '@micronova/testing'
import {
  computeFixture,
  currentInstance,
  type Fixture,
  forever,
  host,
  nextUuid,
  runningInstance,
  storedInstance,
  tablesOf,
} from '../../test/support/compute-fixture.js'
import { FakeImages } from '../../test/support/fake-images.js'
import { CinderVolumes } from '../volume/cinder-volumes.js'
import type { AcceptedRecord } from './record.js'
import { recoverWork } from './recover.js'
import { readWork } from './work.js'

const serializer = createNovaSerializer({ registry: novaRegistry() })

/** The text of a recorded message as a server would have written it down, about another instance. */
function recordedText(fixture: string, method: string, instanceUuid?: string): string {
  const line = readFixtureLines(fixture).find((one) => JSON.parse(one).message.method === method) ?? ''
  const { envelope, message } = JSON.parse(line)
  const text: string = envelope['oslo.message']
  return instanceUuid === undefined ? text : text.replaceAll(message.args.instance['nova_object.data'].uuid, instanceUuid)
}

function accepted(method: string, text: string, id = 1): AcceptedRecord {
  return { kind: 'accepted', id, method, text }
}

async function recover(fixture: Fixture, records: readonly AcceptedRecord[]) {
  const finished: number[] = []
  const deps = { parts: fixture.parts, serializer, log: nullLogger, finish: (id: number) => void finished.push(id) }
  const instances = await fixture.stores.instances.listByHost(fixture.ctx, host, ['info_cache', 'flavor', 'system_metadata'])
  const recovery = await recoverWork(deps, fixture.ctx, records, instances, forever)
  return { finished, replays: recovery.replays.map(({ id }) => id), handled: [...recovery.instances] }
}

test('a recorded message is read with its context, its arguments and its instance', async () => {
  const work = await readWork(serializer, recordedText('wire/03-boot.jsonl', 'build_and_run_instance'))
  assert.equal(work?.method, 'build_and_run_instance')
  assert.equal(work?.instance.vm_state, 'building')
  assert.match(String(work?.ctx.requestId), /^req-/)
  assert.deepEqual(work?.ctx.roles, ['member', 'reader', 'admin'])
})

test('a build of which nothing has happened is replayed and its instance left to it', async () => {
  const fixture = computeFixture()
  const instance = await storedInstance(fixture)
  const record = accepted('build_and_run_instance', recordedText('wire/03-boot.jsonl', 'build_and_run_instance', instance.uuid))
  assert.deepEqual(await recover(fixture, [record]), { finished: [], replays: [1], handled: [instance.uuid] })
})

test('a stop that is done is finished, and its event ends well', async () => {
  const fixture = computeFixture()
  const instance = await runningInstance(fixture, { vm_state: 'stopped' })
  fixture.calls.length = 0
  const record = accepted('stop_instance', recordedText('wire/04-stop-start-reboot.jsonl', 'stop_instance', instance.uuid))
  assert.deepEqual(await recover(fixture, [record]), { finished: [1], replays: [], handled: [] })
  const end = fixture.calls.find(({ method }) => method === 'actions.finishEvent')
  assert.deepEqual(end?.args, [instance.uuid, 'compute_stop_instance', undefined])
})

test('a snapshot that was being uploaded is cancelled: its image goes, its instance is free, its user is told', async () => {
  const images = new FakeImages()
  const fixture = computeFixture({ images })
  const instance = await runningInstance(fixture, { task_state: 'image_uploading' })
  const text = recordedText('wire/07-snapshot.jsonl', 'snapshot_instance', instance.uuid)
  const imageId = JSON.parse(text).args.image_id
  images.put(imageId)
  fixture.calls.length = 0
  assert.deepEqual(await recover(fixture, [accepted('snapshot_instance', text)]), { finished: [1], replays: [], handled: [] })
  assert.equal(images.images.has(imageId), false)
  const { vm_state, task_state } = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([vm_state, task_state], ['active', null])
  assert.match(String(tablesOf(fixture.stores).faults.find(() => true)?.message), /restarted during snapshot_instance/)
  const end = fixture.calls.find(({ method }) => method === 'actions.finishEvent')
  assert.deepEqual(end?.args.slice(0, 2), [instance.uuid, 'compute_snapshot_instance'])
})

test('work on an instance that is gone is finished', async () => {
  const record = accepted('stop_instance', recordedText('wire/04-stop-start-reboot.jsonl', 'stop_instance', nextUuid()))
  assert.deepEqual(await recover(computeFixture(), [record]), { finished: [1], replays: [], handled: [] })
})

test('the guest of an instance that is gone is destroyed', async () => {
  const fixture = computeFixture()
  const instance = await runningInstance(fixture)
  await fixture.stores.instances.destroy(fixture.ctx, instance)
  const record = accepted('build_and_run_instance', recordedText('wire/03-boot.jsonl', 'build_and_run_instance', instance.uuid))
  assert.deepEqual((await recover(fixture, [record])).finished, [1])
  assert.deepEqual(await fixture.parts.driver.listGuests(), [])
})

for (const [what, text] of [
  ['no JSON', '{'],
  ['no request', '[]'],
  ['about no instance', '{"method": "stop_instance", "args": {}}'],
  [
    'about an object that nobody knows',
    '{"method": "x", "args": {"instance": {"nova_object.name": "Nonesuch", "nova_object.version": "1.0", "nova_object.namespace": "nova", "nova_object.data": {}}}}',
  ],
] as const) {
  test(`an entry that is ${what} is dropped and keeps no other from being recovered`, async () => {
    const fixture = computeFixture()
    const instance = await storedInstance(fixture)
    const good = accepted('build_and_run_instance', recordedText('wire/03-boot.jsonl', 'build_and_run_instance', instance.uuid), 2)
    assert.deepEqual(await recover(fixture, [accepted('stop_instance', text), good]), {
      finished: [1],
      replays: [2],
      handled: [instance.uuid],
    })
  })
}

test('an entry whose recovery fails stays in the journal for the next start', async () => {
  const fixture = computeFixture({
    fail: ({ method }) => (method === 'instances.getByUuid' ? new Error('the conductor is gone') : undefined),
  })
  const record = accepted('stop_instance', recordedText('wire/04-stop-start-reboot.jsonl', 'stop_instance', nextUuid()))
  assert.deepEqual(await recover(fixture, [record]), { finished: [], replays: [], handled: [] })
})

test('an attach that only Cinder does not know of is told it, and keeps the instance from nothing else', async () => {
  const cinder = new FakeCinder()
  const fixture = computeFixture({ volumes: new CinderVolumes(cinder) })
  const instance = await runningInstance(fixture)
  const volume = cinder.addVolume()
  const { id } = await cinder.createAttachment(fixture.ctx, { volumeId: volume.id, instanceUuid: instance.uuid })
  const values = { instance_uuid: instance.uuid, source_type: 'volume', destination_type: 'volume', volume_id: volume.id } as const
  const mapping = new BlockDeviceMapping({ ...values, attachment_id: id, connection_info: '{"serial": "x"}', device_name: '/dev/vdb' })
  await fixture.stores.blockDeviceMappings.create(fixture.ctx, mapping)
  const text = JSON.stringify({
    method: 'attach_volume',
    args: { instance: serializer.serializeEntity(fixture.ctx, instance), bdm: serializer.serializeEntity(fixture.ctx, mapping) },
    version: '6.0',
    ...Object.fromEntries(Object.entries(serializer.serializeContext(fixture.ctx)).map(([key, value]) => [`_context_${key}`, value])),
  })
  assert.deepEqual(await recover(fixture, [accepted('attach_volume', text)]), { finished: [1], replays: [], handled: [] })
  assert.equal(cinder.volumes.get(volume.id)?.status, 'in-use')
  mapping.connection_info = null
  await fixture.stores.blockDeviceMappings.save(fixture.ctx, mapping)
  assert.deepEqual(await recover(fixture, [accepted('attach_volume', text)]), { finished: [], replays: [1], handled: [] })
})
