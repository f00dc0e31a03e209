import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CallOptions, RpcClient } from '@micronova/messaging'
import { Instance, Migration, NovaError, type RequestContext } from '@micronova/model'
import { computeContract } from './contracts/compute.js'
import { computeTaskContract } from './contracts/compute-task.js'
import { schedulerContract } from './contracts/scheduler.js'
import { RpcapiError } from './errors.js'
import { createStubs } from './stubs.js'

const ctx = {} as RequestContext
const instance = Instance.objStored({ uuid: 'ddc28b44-7e0c-4dc9-a0ef-4c3742b2d247', host: 'compute1' })

interface Sent {
  readonly options: CallOptions
  readonly kind: string
  readonly method: string
  readonly args: Readonly<Record<string, unknown>>
}

/** A client of which `versions` can be sent. */
function fakeClient(versions: readonly string[]): { readonly client: RpcClient<RequestContext>; readonly sent: Sent[] } {
  const sent: Sent[] = []
  const withOptions = (options: CallOptions): RpcClient<RequestContext> => ({
    prepare: withOptions,
    canSendVersion: (version = '') => versions.includes(version),
    async call<R>(_ctx: RequestContext, method: string, args: Sent['args']) {
      sent.push({ options, kind: 'call', method, args })
      return 'the answer' as R
    },
    async cast(_ctx, method, args) {
      sent.push({ options, kind: 'cast', method, args })
    },
  })
  return { client: withOptions({}), sent }
}

const ofKind = (kind: string, message?: RegExp) => (err: unknown) =>
  err instanceof NovaError && err.kind === kind && (message?.test(err.message) ?? true)

test('a stub sends its arguments under their wire names in the order of the contract, with the defaults of those left out', async () => {
  const { client, sent } = fakeClient(['6.0'])
  await createStubs(computeContract, client).rescueInstance(ctx, { instance, rescuePassword: 'secret' })
  assert.deepEqual(sent, [
    {
      options: { server: 'compute1', version: '6.0' },
      kind: 'cast',
      method: 'rescue_instance',
      args: { rescue_password: 'secret', clean_shutdown: true, rescue_image_ref: null, instance },
    },
  ])
  assert.deepEqual(Object.keys(sent[0]!.args), ['rescue_password', 'clean_shutdown', 'rescue_image_ref', 'instance'])
})

test('a call without a signal of its own is given up by that of all calls, which is asked for each time', async () => {
  const { client } = fakeClient(['6.0'])
  const given: (AbortSignal | undefined)[] = []
  const recording: RpcClient<RequestContext> = {
    ...client,
    prepare: () => recording,
    async call<R>(_ctx: RequestContext, _method: string, _args: Sent['args'], signal?: AbortSignal) {
      given.push(signal)
      return null as R
    },
  }
  let ofAll: AbortSignal | undefined = new AbortController().signal
  const [first, own] = [ofAll, new AbortController().signal]
  const compute = createStubs(computeContract, recording, { signal: () => ofAll })
  await compute.getConsoleOutput(ctx, { instance, tailLength: 10 })
  await compute.getConsoleOutput(ctx, { instance, tailLength: 10 }, { signal: own })
  ofAll = undefined
  await compute.getConsoleOutput(ctx, { instance, tailLength: 10 })
  assert.deepEqual(given, [first, own, undefined])
})

test('a call resolves with the answer; a method that may be either is cast or called as asked', async () => {
  const { client, sent } = fakeClient(['6.0'])
  const compute = createStubs(computeContract, client)
  assert.equal(await compute.getConsoleOutput(ctx, { instance, tailLength: 10 }), 'the answer')
  await compute.stopInstance(ctx, { instance })
  await compute.stopInstance(ctx, { instance, doCast: false })
  assert.deepEqual(
    sent.map(({ kind }) => kind),
    ['call', 'cast', 'call'],
  )
  assert.deepEqual(Object.keys(sent[2]!.args), ['instance', 'clean_shutdown'])
})

test('a long method waits long and is watched; any call is watched where ordinary ones may be long; the caller may shorten it', async () => {
  const { client, sent } = fakeClient(['6.0'])
  const compute = createStubs(computeContract, client, { responseSeconds: 90, longSeconds: 900 })
  await compute.setHostEnabled(ctx, { host: 'compute1', enabled: true })
  await compute.getHostUptime(ctx, { host: 'compute1' })
  await compute.getHostUptime(ctx, { host: 'compute1' }, { timeoutSeconds: 5 })
  assert.deepEqual(
    sent.map(({ options: { timeoutSeconds, callMonitorTimeoutSeconds } }) => [timeoutSeconds, callMonitorTimeoutSeconds]),
    [
      [900, 90],
      [undefined, 60],
      [5, 60],
    ],
  )
})

test('without a host nothing is sent', async () => {
  const { client, sent } = fakeClient(['6.0'])
  const compute = createStubs(computeContract, client)
  const nowhere = Instance.objStored({ uuid: instance.uuid, host: null })
  await assert.rejects(
    compute.startInstance(ctx, { instance: nowhere }),
    ofKind('NovaException', /Unable to find host for Instance ddc28b44/),
  )
  await assert.rejects(compute.checkInstanceSharedStorage(ctx, { data: {} }), ofKind('NovaException', /No compute host specified/))
  assert.deepEqual(sent, [])
})

test('the host that is given goes before the one of the instance', async () => {
  const { client, sent } = fakeClient(['6.0'])
  const migration = Migration.objStored({ source_compute: 'compute3' })
  const compute = createStubs(computeContract, client)
  await compute.confirmResize(ctx, { instance, migration, host: 'compute2' })
  await compute.confirmResize(ctx, { instance, migration, host: null })
  await compute.confirmSnapshotBasedResizeAtSource(ctx, { instance, migration })
  assert.deepEqual(
    sent.map(({ options }) => options.server),
    ['compute2', 'compute1', 'compute3'],
  )
})

test('an argument that an older peer would lose is refused, an empty list is not', async () => {
  const { client, sent } = fakeClient(['5.0'])
  const compute = createStubs(computeContract, client)
  await assert.rejects(compute.shelveInstance(ctx, { instance, accelUuids: ['an-arq'] }), ofKind('ForbiddenWithAccelerators'))
  await compute.shelveInstance(ctx, { instance, accelUuids: [] })
  assert.deepEqual(Object.keys(sent[0]!.args), ['instance', 'image_id', 'clean_shutdown'])
})

test('a peer that is too old for a method is an error of Nova; a form of before versioned objects is not spoken', async () => {
  const { client, sent } = fakeClient(['4.0'])
  const migration = Migration.objStored({})
  await assert.rejects(
    createStubs(computeTaskContract, client).revertSnapshotBasedResize(ctx, { instance, migration }),
    ofKind('ServiceTooOld', /nova-conductor too old/),
  )
  const scheduler = createStubs(schedulerContract, client)
  const request = { instanceUuids: [instance.uuid], specObj: {} as Parameters<typeof scheduler.selectDestinations>[1]['specObj'] }
  await assert.rejects(scheduler.selectDestinations(ctx, request), (err) => err instanceof RpcapiError && err.code === 'legacy_form')
  assert.deepEqual(sent, [])
})

test('wrong use of a stub does not compile', () => {
  const { client } = fakeClient([])
  const compute = createStubs(computeContract, client)
  const wrong = [
    // @ts-expect-error a required argument is missing
    () => compute.rebootInstance(ctx, { instance, blockDeviceInfo: null }),
    // @ts-expect-error an argument of the wrong type
    () => compute.rebootInstance(ctx, { instance, blockDeviceInfo: null, rebootType: 'SOFTLY' }),
    // @ts-expect-error an argument that the method does not have
    () => compute.startInstance(ctx, { instance, host: 'compute1' }),
    // @ts-expect-error the host must be named
    () => compute.getHostUptime(ctx, {}),
    // @ts-expect-error another class of object
    () => compute.startInstance(ctx, { instance: Migration.objStored({}) }),
    // @ts-expect-error a method that nobody has
    () => compute.flyInstance(ctx, { instance }),
    async () => {
      // @ts-expect-error a console is text
      const lines: string[] = await compute.getConsoleOutput(ctx, { instance, tailLength: null })
      return lines
    },
  ]
  assert.equal(wrong.length, 7)
})
