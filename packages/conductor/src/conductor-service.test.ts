import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { createTransport, MemoryBus } from '@micronova/messaging'
import { adminContext, novaErrorCatalogue, novaRegistry } from '@micronova/model'
import {
  contextOnlySerializer,
  createBaseApi,
  createConductorApi,
  createConductorStores,
  createNovaSerializer,
  FakeStores,
} from '@micronova/rpcapi'
import { hostOptions, type ServiceConfig, serviceOptions } from '@micronova/service'
import { temporaryFolder } from '@micronova/testing'
import { createConductorService } from './index.js'

const deps = { clock: systemClock, random: systemRandom, log: nullLogger }

function defaultConfig(tempdir: string): ServiceConfig {
  const options = { ...serviceOptions.options, ...hostOptions('controller1').options }
  const values = Object.entries(options).map(([name, option]) => [name, option.default])
  return { ...Object.fromEntries(values), tempdir } as ServiceConfig
}

test('a conductor registers itself, answers pings and calls for objects, and is gone after its stop', async (t) => {
  const bus = new MemoryBus(deps)
  const registry = novaRegistry()
  const stores = new FakeStores(deps)
  const transport = createTransport('memory://', { ...deps, bus, errors: novaErrorCatalogue })
  const conductor = createConductorService(
    { ...deps, transport, stores, registry, getLogger: () => nullLogger },
    { config: defaultConfig(temporaryFolder(t)), version: '26.2.2' },
  )
  const ctx = adminContext(deps)
  await conductor.start(new AbortController().signal)
  try {
    assert.deepEqual(conductor.identity, { host: 'controller1', binary: 'nova-conductor', topic: 'conductor' })
    const base = createBaseApi('conductor', { transport, serializer: contextOnlySerializer })
    assert.deepEqual(await base.ping(ctx, { arg: '1.21 GigaWatts' }, { timeoutSeconds: 1 }), {
      service: 'conductor',
      arg: '1.21 GigaWatts',
    })
    assert.equal(await base.getBackdoorPort(ctx, { host: 'controller1' }), null)
    const api = createConductorApi({ transport, serializer: createNovaSerializer({ registry }) })
    const row = await createConductorStores(api, registry).services.getByHostAndBinary(ctx, 'controller1', 'nova-conductor')
    assert.deepEqual([row?.topic, row?.version], ['conductor', 64])
  } finally {
    await conductor.stop(AbortSignal.timeout(2000))
    await transport.stop(AbortSignal.timeout(2000))
  }
  assert.equal(conductor.state, 'stopped')
})
