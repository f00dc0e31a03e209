import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { adminContext, Instance } from '@micronova/model'
import { FakeStores } from '@micronova/rpcapi'
import { computeTaskEndpoint } from './compute-task-endpoint.js'

test('an instance that a compute gives back ends in ERROR with a fault, and nothing else of it is written', async () => {
  const deps = { clock: systemClock, random: systemRandom }
  const stores = new FakeStores(deps)
  const ctx = adminContext(deps)
  const instance = new Instance({
    uuid: systemRandom.uuid(),
    host: null,
    vm_state: 'building',
    task_state: 'scheduling',
    display_name: 'vm1',
  })
  await stores.instances.create(ctx, instance)
  instance.display_name = 'changed in the copy of the compute'

  const { methods } = computeTaskEndpoint({ stores, log: nullLogger, host: 'controller1' })
  await methods.build_instances!.run(ctx, { instances: [instance] }, new AbortController().signal)

  const { vm_state, task_state, display_name, fault } = await stores.instances.getByUuid(ctx, instance.uuid, ['fault'])
  assert.deepEqual([vm_state, task_state, display_name], ['error', null, 'vm1'])
  assert.deepEqual([fault?.code, fault?.host], [500, 'controller1'])
  assert.equal(
    fault?.message,
    `Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance ${instance.uuid}.`,
  )
})

test('an instance that was deleted meanwhile does not keep the others from their end', async () => {
  const deps = { clock: systemClock, random: systemRandom }
  const stores = new FakeStores(deps)
  const ctx = adminContext(deps)
  const [gone, there] = [0, 1].map(
    () => new Instance({ uuid: systemRandom.uuid(), host: null, vm_state: 'building', task_state: 'scheduling' }),
  )
  await stores.instances.create(ctx, there!)
  const { methods } = computeTaskEndpoint({ stores, log: nullLogger, host: 'controller1' })
  await methods.build_instances!.run(ctx, { instances: [gone, there] }, new AbortController().signal)
  assert.equal((await stores.instances.getByUuid(ctx, there!.uuid)).vm_state, 'error')
})
