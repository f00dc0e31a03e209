import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import type { Endpoint } from '@micronova/messaging'
import { adminContext, type RequestContext } from '@micronova/model'
import { baseEndpoint } from '@micronova/rpcapi'
import type { Decorator } from './decorator.js'
import { type Wrapping, wrapEndpoints, wrapTasks } from './wrap.js'

const ctx = adminContext({ clock: systemClock, random: systemRandom })
const { signal } = new AbortController()

/** Writes down what is called, in the order in which it is. */
function noting(calls: string[], label: string): Decorator {
  return (name, call) =>
    async (...of) => {
      calls.push(`${label} ${name}`)
      return call(...of)
    }
}

function compute(run: (args: unknown) => unknown, version = '6.1'): Endpoint<RequestContext> {
  const isExpected = () => true
  return {
    target: { version },
    methods: { reboot_instance: { parameters: [{ name: 'instance' }], isExpected, run: async (_ctx, args) => run(args) } },
  }
}

const wrapping = (...decorators: Decorator[]): Wrapping => ({ module: 'nova.compute.manager', decorators })

test('each method of each version is wrapped, the last decorator outermost; parameters and expected errors stay', async () => {
  const calls: string[] = []
  const endpoints = [compute((args) => args), compute((args) => args, '5.13')]
  const wrapped = wrapEndpoints(endpoints, wrapping(noting(calls, 'inner'), noting(calls, 'outer')))
  for (const [index, endpoint] of wrapped.entries()) {
    const method = endpoint.methods.reboot_instance
    assert.deepEqual(await method?.run(ctx, { instance: 1 }, signal), { instance: 1 })
    assert.equal(method?.parameters, endpoints[index]?.methods.reboot_instance?.parameters)
    assert.equal(method?.isExpected, endpoints[index]?.methods.reboot_instance?.isExpected)
  }
  const name = 'nova.compute.manager.ComputeManager.reboot_instance'
  assert.deepEqual(calls, [`outer ${name}`, `inner ${name}`, `outer ${name}`, `inner ${name}`])
})

test('baseapi is left as it is', () => {
  const base = baseEndpoint<RequestContext>('compute')
  assert.deepEqual(wrapEndpoints([base], wrapping(noting([], ''))), [base])
})

test('a decorator that throws fails the call, and the method does not run', async () => {
  let runs = 0
  const refusing: Decorator = () => () => {
    throw new Error('not at night')
  }
  const [endpoint] = wrapEndpoints([compute(() => runs++)], wrapping(refusing))
  await assert.rejects(async () => endpoint?.methods.reboot_instance?.run(ctx, {}, signal), /not at night/)
  assert.equal(runs, 0)
})

test('a decorator that makes no function, or refuses to be one, is named with the method', () => {
  const nothing = (() => undefined) as unknown as Decorator
  assert.throws(() => wrapEndpoints([compute(() => 0)], wrapping(nothing)), /decorator of nova\.\S+\.reboot_instance returned no function$/)
  const broken: Decorator = () => {
    throw new Error('no licence')
  }
  assert.throws(() => wrapEndpoints([compute(() => 0)], wrapping(broken)), /decorator of nova\.\S+\.reboot_instance threw: no licence$/)
})

test('a periodic task is wrapped with its name, and keeps its spacing', async () => {
  const calls: string[] = []
  const seen: unknown[] = []
  const task = {
    name: '_sync_power_states',
    spacingSeconds: () => 7,
    runImmediately: true,
    run: async (of: AbortSignal) => void seen.push(of),
  }
  const [wrapped] = wrapTasks([task], wrapping(noting(calls, 'task')), () => ctx)
  await wrapped?.run(signal)
  assert.deepEqual(calls, ['task nova.compute.manager.ComputeManager._sync_power_states'])
  assert.deepEqual(seen, [signal])
  assert.deepEqual([wrapped?.spacingSeconds(), wrapped?.runImmediately], [7, true])
})
