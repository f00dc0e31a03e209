import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@micronova/messaging'
import { Flavor, Instance, novaRegistry, type RequestContext, Service } from '@micronova/model'
import { VersionedObjectError } from '@micronova/versionedobjects'
import { createNovaSerializer } from './serializer.js'

const registry = novaRegistry()
const ctx = {} as RequestContext
const service = Service.objStored({ id: 5, host: 'compute1' })
const primitive = (version: string): JsonObject => ({ ...service.objToPrimitive(), 'nova_object.version': version })

test('objects in lists, sets and dicts go out as primitives and come back as objects, without a promise', () => {
  const { serializeEntity, deserializeEntity } = createNovaSerializer({ registry })
  const sent = serializeEntity(ctx, { list: [service, 1], set: new Set(['a']), dict: { service }, none: null, missing: undefined })
  assert.deepEqual(sent, {
    list: [service.objToPrimitive(), 1],
    set: ['a'],
    dict: { service: service.objToPrimitive() },
    none: null,
    missing: null,
  })
  const received = deserializeEntity(ctx, sent) as { readonly list: unknown[]; readonly dict: { readonly service: Service } }
  assert.ok(received.list[0] instanceof Service)
  assert.equal(received.dict.service.host, 'compute1')
})

test('a time outside of an object goes out as Nova writes it', () => {
  const { serializeEntity } = createNovaSerializer({ registry })
  assert.equal(serializeEntity(ctx, new Date(Date.UTC(2026, 10, 22, 11, 58, 41, 61))), '2026-11-22T11:58:41.061000')
})

test('an object that is too new is asked for at our versions, also deep inside', async () => {
  const asked: unknown[] = []
  const { deserializeEntity } = createNovaSerializer({
    registry,
    async backport(_ctx, newer, manifest) {
      asked.push([newer['nova_object.version'], manifest.Service, manifest.ComputeNode])
      return service
    },
  })
  const received = (await deserializeEntity(ctx, [{ services: [primitive('1.23')] }, 1])) as [{ readonly services: Service[] }, number]
  assert.deepEqual(asked, [['1.23', '1.22', '1.19']])
  assert.equal(received[0].services[0], service)
})

test('a whole object is asked for if one in it is too new', async () => {
  const instance = Instance.objStored({ flavor: Flavor.objStored({ id: 1 }) }).objToPrimitive() as JsonObject
  const data = instance['nova_object.data'] as JsonObject
  const newer = { ...instance, 'nova_object.data': { flavor: { ...(data.flavor as JsonObject), 'nova_object.version': '1.9' } } }
  const asked: unknown[] = []
  const { deserializeEntity } = createNovaSerializer({
    registry,
    async backport(_ctx, { 'nova_object.name': name }) {
      asked.push(name)
    },
  })
  await deserializeEntity(ctx, newer)
  assert.deepEqual(asked, ['Instance'])
})

test('the third part of a version needs no backport', () => {
  const { deserializeEntity } = createNovaSerializer({ registry, backport: () => assert.fail('nobody should be asked') })
  assert.equal((deserializeEntity(ctx, primitive('1.22.1')) as Service).objVersion, '1.22')
})

test('without someone to ask, an object that is too new is an error; so is an unknown one in any case', () => {
  const { deserializeEntity } = createNovaSerializer({ registry })
  const ofKind = (kind: string) => (err: unknown) => err instanceof VersionedObjectError && err.kind === kind
  assert.throws(() => deserializeEntity(ctx, primitive('1.23')), ofKind('IncompatibleObjectVersion'))
  const unknown = { ...primitive('1.0'), 'nova_object.name': 'Nonesuch' }
  const asking = createNovaSerializer({ registry, backport: async () => null })
  assert.throws(() => asking.deserializeEntity(ctx, unknown), ofKind('UnsupportedObjectError'))
})
