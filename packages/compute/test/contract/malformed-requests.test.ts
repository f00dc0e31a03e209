import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '@micronova/messaging'
import { Instance, novaRegistry, type RequestContext } from '@micronova/model'
import { createNovaSerializer } from '@micronova/rpcapi'
import { checkObjects } from '../../src/check-arguments.js'
import { operations } from '../../src/operations/index.js'
import { type Cell, cell } from '../support/cell.js'
import { leaks, strandedStates } from '../support/cell-leaks.js'
import { build, newServer, reboot, type Server, terminate } from '../support/cell-servers.js'
import { currentInstance } from '../support/compute-fixture.js'

const serializer = createNovaSerializer({ registry: novaRegistry() })

function send(made: Cell, method: string, args: Readonly<Record<string, unknown>>, target: { version?: string; namespace?: string } = {}) {
  return made.transport
    .client<RequestContext>({ topic: 'compute', server: 'compute1', version: '6.0', ...target }, { serializer })
    .call(made.ctx, method, args as Readonly<Record<string, Json>>)
}

async function withServer(t: Parameters<typeof cell>[0]): Promise<{ made: Cell; server: Server }> {
  const made = await cell(t)
  const server = await newServer(made)
  await build(made, server)
  await made.quiet()
  return { made, server }
}

/** It is as it was, and what comes next is done. */
async function assertUntouched(made: Cell, server: Server): Promise<void> {
  assert.deepEqual([...(await strandedStates(made, server)), ...(await leaks(made, server))], [])
  await reboot(made, server)
  await made.quiet()
  const { vm_state, task_state } = await currentInstance(made, server.uuid)
  assert.deepEqual([vm_state, task_state], ['active', null])
  await terminate(made, server)
  await made.quiet()
  assert.deepEqual(await leaks(made, server), [])
}

test('every operation refuses an instance that is none, or has no uuid, in a sentence', async (t) => {
  const { made, server } = await withServer(t)
  for (const { method, parameters } of operations) {
    if (!parameters.some(({ name }) => name === 'instance')) continue
    for (const [wrong, not] of [
      [null, 'null'],
      ['uuid', 'a string'],
      [{ uuid: server.uuid }, 'an object Object'],
      [new Instance({}), 'one without a uuid'],
    ] as const) {
      const args = Object.fromEntries(parameters.map(({ name }) => [name, name === 'instance' ? wrong : null]))
      await assert.rejects(
        send(made, method, args),
        new RegExp(`${method}\\(\\) needs an object Instance with a uuid as argument 'instance', not ${not}`),
      )
    }
  }
  await assertUntouched(made, server)
})

test('an object of another kind is refused by the name of its parameter', async (t) => {
  const { made, server } = await withServer(t)
  const instance = await currentInstance(made, server.uuid)
  for (const [name, wrong] of [
    ['migration', instance],
    ['bdm', null],
    ['bdms', [instance]],
    ['requested_networks', 'auto'],
    ['flavor', null],
    ['instances', [instance, null]],
    ['instances', null],
  ] as const)
    assert.throws(() => checkObjects('any_method', { [name]: wrong }), new RegExp(`as argument '${name}', not`))
  checkObjects('any_method', { migration: null, bdms: null, request_spec: null, instance, image: 7 })
})

test('a build with nothing but its instance is built', async (t) => {
  const made = await cell(t)
  const server = await newServer(made)
  const { parameters = [] } = operations.find(({ method }) => method === 'build_and_run_instance') ?? {}
  const args = Object.fromEntries(parameters.map(({ name }) => [name, null]))
  await made.stores.actions.start(made.ctx, server.uuid, 'create')
  await send(made, 'build_and_run_instance', { ...args, instance: await currentInstance(made, server.uuid) })
  assert.equal((await currentInstance(made, server.uuid)).vm_state, 'active')
  assert.deepEqual(await leaks(made, server), [])
})

test('a delete that does not bring the volumes of its instance finds them', async (t) => {
  const { made, server } = await withServer(t)
  const instance = await currentInstance(made, server.uuid)
  await made.stores.actions.start(made.ctx, server.uuid, 'delete')
  await send(made, 'terminate_instance', { instance, bdms: null })
  assert.deepEqual([(await currentInstance(made, server.uuid)).deleted, await leaks(made, server)], [true, []])
})

test('an unknown version, namespace or method is answered, and leaves the instance alone', async (t) => {
  const { made, server } = await withServer(t)
  const instance = await currentInstance(made, server.uuid)
  await assert.rejects(send(made, 'reboot_instance', { instance }, { version: '7.0' }), /Endpoint does not support RPC version 7.0/)
  await assert.rejects(send(made, 'reboot_instance', { instance }, { version: '6.9' }), /Endpoint does not support RPC version 6.9/)
  await assert.rejects(send(made, 'reboot_instance', { instance }, { namespace: 'elsewhere' }), /Endpoint does not support RPC version/)
  await assert.rejects(send(made, 'no_such_method', { instance }), /no_such_method/)
  await assert.rejects(send(made, 'reboot_instance', { instance, extra: 1 }), /unexpected keyword argument 'extra'/)
  await assertUntouched(made, server)
})

test('an instance that is newer than ours, and that nobody can translate, is refused, and the instance stays as it is', async (t) => {
  const { made, server } = await withServer(t)
  const instance = await currentInstance(made, server.uuid)
  const newer = { ...(instance.objToPrimitive() as object), 'nova_object.version': '2.99' }
  await assert.rejects(send(made, 'pause_instance', { instance: newer }), /2\.99/)
  await assertUntouched(made, server)
})

test('an event about ports and instances that nobody knows is heard, and harms nobody', async (t) => {
  const { made, server } = await withServer(t)
  const instance = await currentInstance(made, server.uuid)
  await assert.rejects(send(made, 'external_instance_event', { instances: null, events: [] }), /needs a list/)
  await send(made, 'external_instance_event', { instances: [instance], events: [] })
  await assertUntouched(made, server)
})
