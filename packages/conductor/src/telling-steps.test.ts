import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemRandom } from '@micronova/lifecycle'
import { nullLogger as log } from '@micronova/log'
import { adminContext, type CellStores, Flavor, Instance } from '@micronova/model'
import { NotificationEmitter, silence } from '@micronova/notifications'
import { type ComputeApi, contextOnlySerializer, FakeStores } from '@micronova/rpcapi'
import { FakeClock } from '@micronova/testing'
import { tellingSteps } from './telling-steps.js'

test('a move between cells that is confirmed, and a delete before a build, are told in both forms, and the instance lacks afterwards what it lacked', async () => {
  const deps = { clock: new FakeClock(), random: systemRandom }
  const ctx = adminContext(deps, { projectId: 'p', userId: 'u' })
  const stores = new FakeStores(deps)
  const flavor = { id: 1, name: 'm1.tiny', flavorid: '1', vcpus: 1, memory_mb: 512, root_gb: 1, ephemeral_gb: 0, swap: 0 }
  const owner = { project_id: 'p', user_id: 'u', host: 'compute1', node: 'compute1', display_name: 'vm1', hostname: 'vm1' }
  const stored = new Instance({
    ...owner,
    vm_state: 'resized',
    flavor: new Flavor({ ...flavor, rxtx_factor: 1, extra_specs: {}, disabled: false, is_public: true }),
  })
  await stores.instances.create(ctx, stored)
  const instance = await stores.instances.getByUuid(ctx, stored.uuid, [])
  const told: string[] = []
  const notifier = ({ publisherId }: { readonly publisherId: string }) => ({
    notify: async (_ctx: unknown, _priority: unknown, event: string) => void told.push(`${publisherId} ${event}`),
  })
  const settings = { ...silence, format: 'both', drivers: ['messagingv2'], topics: ['n'], versionedTopics: ['v'] } as const
  const emitter = new NotificationEmitter({ transport: { notifier }, serializer: contextOnlySerializer }, settings)
  const tell = tellingSteps({ emitter, settings, clock: deps.clock, log, host: 'controller1' })
  const scope = { cell: null, stores: stores as unknown as CellStores, compute: {} as ComputeApi }
  await tell(ctx, { scope, instance }, 'resize_confirm', 'start')
  assert.deepEqual(told, [
    'compute.controller1 compute.instance.resize.confirm.start',
    'nova-compute:controller1 instance.resize_confirm.start',
  ])
  assert.equal(instance.objIsSet('flavor'), false)
  told.length = 0
  await tell(ctx, { scope, instance }, 'delete', 'end')
  assert.deepEqual(told, ['compute.controller1 compute.instance.delete.end', 'nova-conductor:controller1 instance.delete.end'])
})
