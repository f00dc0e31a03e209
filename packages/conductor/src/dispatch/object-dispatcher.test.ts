import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Logger, nullLogger } from '@micronova/log'
import { PythonError } from '@micronova/messaging'
import { novaRegistry, type RequestContext, Service } from '@micronova/model'
import { VersionedObject, VersionedObjectError } from '@micronova/versionedobjects'
import { type MethodTable, onClass, onObject } from './method-table.js'
import { ObjectDispatcher } from './object-dispatcher.js'

const ctx = {} as RequestContext
const stored = { id: 5, uuid: '122d848e-a3cf-4bd7-9f5a-2dcc2f751111', host: 'compute1', binary: 'nova-compute', version: 64 }
const methods: MethodTable = {
  'Service.get_by_host_and_binary': onClass(async (_ctx, args) => (args.text('host') === 'compute1' ? Service.objStored(stored) : null)),
  'Service.save': onObject(Service, async (_ctx, service) => service.objResetChanges()),
}

function newDispatcher(log: Logger = nullLogger): ObjectDispatcher {
  return new ObjectDispatcher({ registry: novaRegistry(), methods, log })
}

const pythonError = (className: string, message: string) => (err: unknown) =>
  err instanceof PythonError && err.className === className && err.message === message

test('a class method answers the object itself to a caller of our version', async () => {
  const args = ['compute1', 'nova-compute']
  const found = await newDispatcher().classAction(ctx, 'Service', 'get_by_host_and_binary', { Service: '1.22' }, args, {})
  assert.ok(found instanceof VersionedObject)
})

test('a class method answers the older form to a caller that knows only that', async () => {
  const found = await newDispatcher().classAction(ctx, 'Service', 'get_by_host_and_binary', { Service: '1.20' }, ['compute1'], {
    binary: 'x',
  })
  const { uuid: _, ...older } = stored
  assert.deepEqual(found, {
    'nova_object.name': 'Service',
    'nova_object.namespace': 'nova',
    'nova_object.version': '1.20',
    'nova_object.data': older,
  })
})

test('a class method that finds nothing answers null', async () => {
  assert.equal(await newDispatcher().classAction(ctx, 'Service', 'get_by_host_and_binary', { Service: '1.22' }, ['x', 'y'], {}), null)
})

test('an unknown object, and one of an unknown version, are refused as oslo.versionedobjects does', async () => {
  const kindOf = (kind: string) => (err: unknown) => err instanceof VersionedObjectError && err.kind === kind
  await assert.rejects(newDispatcher().classAction(ctx, 'Nonesuch', 'get', { Nonesuch: '1.0' }, [], {}), kindOf('UnsupportedObjectError'))
  await assert.rejects(
    newDispatcher().classAction(ctx, 'Service', 'get_all', { Service: '2.0' }, [], {}),
    kindOf('IncompatibleObjectVersion'),
  )
  await assert.rejects(newDispatcher().classAction(ctx, 'Service', 'get_all', {}, [], {}), pythonError('KeyError', 'Service'))
})

test('a name that is no remotable method is an AttributeError, also one that every object has', async () => {
  const message = "type object 'Service' has no attribute 'nosuch'"
  await assert.rejects(
    newDispatcher().classAction(ctx, 'Service', 'nosuch', { Service: '1.22' }, [], {}),
    pythonError('AttributeError', message),
  )
  const service = Service.objStored(stored)
  for (const name of ['nosuch', 'toString', 'objClone'])
    await assert.rejects(
      newDispatcher().objectAction(ctx, service, name, [], {}),
      pythonError('AttributeError', `'Service' object has no attribute '${name}'`),
    )
})

test('a method that Nova has and this conductor has not is a NotImplementedError, and a line in the log', async () => {
  const lines: string[] = []
  const log: Logger = { ...nullLogger, warning: (message) => lines.push(message) }
  await assert.rejects(
    newDispatcher(log).classAction(ctx, 'Service', 'get_by_id', { Service: '1.22' }, [5], {}),
    pythonError('NotImplementedError', 'Service.get_by_id is not implemented by this conductor'),
  )
  assert.deepEqual(lines, ['A peer called Service.get_by_id, which this conductor does not implement'])
})

test('a method of an object answers what it changed, and its result', async () => {
  const service = Service.objStored(stored)
  service.host = 'compute2'
  assert.deepEqual(await newDispatcher().objectAction(ctx, service, 'save', [], {}), [{ obj_what_changed: [] }, null])
})
