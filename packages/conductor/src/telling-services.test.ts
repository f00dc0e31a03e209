import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { adminContext, Service } from '@micronova/model'
import { NotificationEmitter, ServiceNotifications, silence } from '@micronova/notifications'
import { contextOnlySerializer, FakeStores } from '@micronova/rpcapi'
import { FakeClock } from '@micronova/testing'
import { tellingServices } from './telling-services.js'

const deps = { clock: new FakeClock(), random: systemRandom }
const ctx = adminContext(deps)

test('a service that comes, is disabled and goes is told; its heartbeat is not', async () => {
  const told: string[] = []
  const notifier = ({ publisherId }: { readonly publisherId: string }) => ({
    notify: async (_ctx: unknown, _priority: unknown, event: string) => void told.push(`${publisherId} ${event}`),
  })
  const emitter = new NotificationEmitter(
    { transport: { notifier }, serializer: contextOnlySerializer },
    { ...silence, format: 'versioned', drivers: ['messagingv2'], versionedTopics: ['versioned_notifications'] },
  )
  const services = tellingServices(new FakeStores(deps).services, new ServiceNotifications({ emitter, log: nullLogger }))
  const service = new Service({
    host: 'compute1',
    binary: 'nova-compute',
    topic: 'compute',
    report_count: 0,
    disabled: false,
    forced_down: false,
  })
  await services.create(ctx, service)
  service.report_count = 1
  await services.save(ctx, service)
  service.disabled = true
  await services.save(ctx, service)
  await services.destroy(ctx, service)
  assert.deepEqual(
    told,
    ['create', 'update', 'delete'].map((action) => `nova-compute:compute1 service.${action}`),
  )
})

test('where versioned notifications are off the store is left as it is', () => {
  const { services } = new FakeStores(deps)
  const emitter = new NotificationEmitter(
    { transport: { notifier: () => assert.fail('none') }, serializer: contextOnlySerializer },
    silence,
  )
  assert.equal(tellingServices(services, new ServiceNotifications({ emitter, log: nullLogger })), services)
})
