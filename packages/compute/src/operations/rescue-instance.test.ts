import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { isNovaError, powerStates } from '@micronova/model'
import { FakeDriver, type ImageDescription } from '@micronova/virt'
import { currentInstance } from '../../test/support/compute-fixture.js'
import { FakeImages } from '../../test/support/fake-images.js'
import { prepared, run, testOperation } from '../../test/support/operation-cases.js'
import { NoImages } from '../image/image-api.js'

const recording = 'wire/11-console-and-actions.jsonl'
const args = { rescue_password: 'secret', rescue_image_ref: null, clean_shutdown: true }

testOperation({
  method: 'rescue_instance',
  recording,
  before: { vm_state: 'active', task_state: 'rescuing' },
  args,
  after: { vm_state: 'rescued', power_state: powerStates.shutdown },
})

testOperation({
  method: 'unrescue_instance',
  recording,
  before: { vm_state: 'rescued', task_state: 'unrescuing', isOff: true },
  after: { vm_state: 'active', power_state: powerStates.running },
})

for (const [what, asked, base, expected] of [
  ['that was asked for', 'asked', 'base', 'asked'],
  ['from which its own was made', null, 'base', 'base'],
  ['that is its own, where nothing else is known,', null, '', null],
] as const) {
  test(`an instance is rescued with the image ${what} and the password that was given`, async () => {
    const driver = new FakeDriver({ log: nullLogger })
    const images = new FakeImages()
    for (const id of ['asked', 'base']) images.put(id)
    const before = { vm_state: 'active', task_state: 'rescuing', system_metadata: { image_base_image_ref: base } }
    const { fixture, instance } = await prepared(before, { driver, images })
    const seen: [ImageDescription, string][] = []
    driver.rescue.rescue = async (_ctx, _guest, image, password) => void seen.push([image, password])
    await run(fixture, 'rescue_instance', instance, { ...args, rescue_image_ref: asked })
    assert.deepEqual(
      seen.map(([image, password]) => [image.id, password]),
      [[expected ?? instance.image_ref, 'secret']],
    )
  })
}

test('its usage until now is told before the rescue is over', async () => {
  const told: string[] = []
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'rescuing' }, { told: (event) => void told.push(event) })
  await run(fixture, 'rescue_instance', instance, args)
  const legacy = told.filter((event) => event.startsWith('compute.'))
  assert.deepEqual(legacy, ['compute.instance.rescue.start', 'compute.instance.exists', 'compute.instance.rescue.end'])
})

test('an instance is rescued with a password of our own where none was given', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'rescuing' }, { driver })
  const given: string[] = []
  driver.rescue.rescue = async (_ctx, _guest, _image, password) => void given.push(password)
  await run(fixture, 'rescue_instance', instance, { ...args, rescue_password: null })
  assert.match(given[0] ?? '', /^[0-9a-f]{12}$/)
})

test('without an image service an instance cannot be rescued and stays as it is', async () => {
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'rescuing' }, { images: new NoImages() })
  await assert.rejects(run(fixture, 'rescue_instance', instance, args), /has no image service/)
  const { vm_state, task_state } = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([vm_state, task_state], ['active', null])
  assert.equal((await fixture.parts.driver.guestInfo(instance.uuid)).powerState, powerStates.running)
})

test('a rescue that fails on the hypervisor ends in ERROR and says why', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  driver.rescue.rescue = () => Promise.reject(new Error('no such bus'))
  const { fixture, instance } = await prepared({ vm_state: 'active', task_state: 'rescuing' }, { driver })
  await assert.rejects(
    run(fixture, 'rescue_instance', instance, args),
    (err) => isNovaError(err, 'InstanceNotRescuable') && /no such bus/.test(err.message),
  )
  const { vm_state, task_state } = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([vm_state, task_state], ['error', null])
})

test('an unrescue that fails leaves the instance in ERROR', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  driver.rescue.unrescue = () => Promise.reject(new Error('stuck'))
  const { fixture, instance } = await prepared({ vm_state: 'rescued', task_state: 'unrescuing' }, { driver })
  await assert.rejects(run(fixture, 'unrescue_instance', instance), /stuck/)
  const { vm_state, task_state } = await currentInstance(fixture, instance.uuid)
  assert.deepEqual([vm_state, task_state], ['error', null])
})
