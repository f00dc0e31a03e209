import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Instance, isNovaError } from '@micronova/model'
import type { Operation } from '../../src/operation.js'
import { operations } from '../../src/operations/index.js'
import { runOperation } from '../../src/run-operation.js'
import {
  computeFixture,
  currentInstance,
  type Fixture,
  type FixtureOptions,
  forever,
  rootDisk,
  runningInstance,
  tablesOf,
} from './compute-fixture.js'
import { ownCalls, recordedCalls } from './conductor-calls.js'
import { FakeImages } from './fake-images.js'

/** One operation on one instance, recorded of a Python nova-compute. */
export interface OperationCase {
  readonly method: string
  readonly recording: string
  readonly nth?: number
  /** As the API leaves the instance. */
  readonly before: {
    readonly vm_state: string
    readonly task_state: string
    readonly isOff?: true
    readonly withoutGuest?: true
    readonly [column: string]: unknown
  }
  readonly args?: Readonly<Record<string, unknown>>
  readonly after: { readonly vm_state: string; readonly power_state: number }
  /** What the sender changed in the instance and did not save. */
  readonly asSent?: Readonly<Record<string, unknown>>
  /** Upstream does not look whether another operation has the instance. */
  readonly takesOver?: true
  /** That another operation has the instance is no error. */
  readonly endsSilently?: true
}

/** An operation by its wire name. */
export function operation(method: string): Operation {
  const found = operations.find((one) => one.method === method)
  if (found === undefined) throw new Error(`no ${method}`)
  return found
}

/** An instance of this host with a guest, as the API leaves it before the operation. */
export async function prepared(
  before: OperationCase['before'],
  options: FixtureOptions = {},
): Promise<{ fixture: Fixture; instance: Instance }> {
  const fixture = computeFixture(options)
  const { isOff, withoutGuest, ...values } = before
  const instance = await runningInstance(fixture, values)
  if (withoutGuest) await fixture.parts.driver.destroy(fixture.ctx, { instance, network: [], blockDevices: [] })
  if (isOff) await fixture.parts.driver.powerOff(instance, { timeoutSeconds: 0, retryIntervalSeconds: 0 })
  if (fixture.parts.images instanceof FakeImages) fixture.parts.images.put(instance.image_ref ?? '')
  await rootDisk(fixture, instance)
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'test')
  fixture.calls.length = 0
  return { fixture, instance }
}

export function run(fixture: Fixture, method: string, instance: Instance, args: OperationCase['args'] = {}): Promise<unknown> {
  return runOperation(fixture.parts, operation(method), fixture.ctx, { instance, ...args }, forever)
}

/** Its states before and after, its messages, and that it gives way to a delete. */
export function testOperation({
  method,
  recording,
  nth = 0,
  before,
  args,
  after,
  asSent = {},
  takesOver,
  endsSilently,
}: OperationCase): void {
  const name = `${method}${args?.reboot_type ? ` ${args.reboot_type}` : ''}`

  test(`${name} takes the instance from ${before.task_state} to ${after.vm_state}`, async () => {
    const { fixture, instance } = await prepared(before)
    await run(fixture, method, instance, args)
    const current = await currentInstance(fixture, instance.uuid)
    assert.deepEqual(
      { vm_state: current.vm_state, task_state: current.task_state, power_state: current.power_state },
      { ...after, task_state: null },
    )
    const [event] = tablesOf(fixture.stores).actions[0]?.events ?? []
    assert.deepEqual([event?.event, event?.result], [`compute_${method}`, 'Success'])
  })

  test(`the messages of ${name} are those of a Python nova-compute, in their order`, async () => {
    const { fixture, instance } = await prepared(before)
    const systemMetadata = { ...instance.system_metadata }
    Object.assign(instance, asSent)
    await run(fixture, method, instance, args)
    const ours = ownCalls(fixture.calls, systemMetadata)
    assert.deepEqual(withoutInterfaces(ours), withoutInterfaces(recordedCalls(recording, method, nth)))
  })

  if (takesOver) return
  test(`${name} ${endsSilently ? 'ends' : 'is refused'} when another operation has the instance, whose task state stays`, async () => {
    const { fixture, instance } = await prepared(before)
    const stored = await currentInstance(fixture, instance.uuid)
    stored.task_state = 'deleting'
    await fixture.stores.instances.save(fixture.ctx, stored)
    const outcome = run(fixture, method, instance, args)
    if (endsSilently) await outcome
    else await assert.rejects(outcome, (err) => isNovaError(err, 'UnexpectedDeletingTaskStateError'))
    assert.equal((await currentInstance(fixture, instance.uuid)).task_state, 'deleting')
  })
}

/** The recorded instance had an interface. */
function withoutInterfaces(calls: readonly { readonly [detail: string]: unknown }[]) {
  return calls.map(({ interfaces: _, ...call }) => call)
}
