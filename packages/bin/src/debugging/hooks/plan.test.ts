import assert from 'node:assert/strict'
import { test } from 'node:test'
import { declaredDecorators } from './declared.js'
import { classOf, planPatches } from './plan.js'

const plan = (...entries: string[]) => planPatches(entries, declaredDecorators)

test('a decorator is a declared one or an export of a file', () => {
  assert.deepEqual(plan('nova.compute.manager:nova.notifications.notify_decorator', 'nova.conductor.manager:/etc/nova/a.mjs#audit'), [
    { module: 'nova.compute.manager', decorator: { kind: 'declared', name: 'nova.notifications.notify_decorator' } },
    { module: 'nova.conductor.manager', decorator: { kind: 'file', path: '/etc/nova/a.mjs', exported: 'audit' } },
  ])
})

test("the default of the option is right although nova-api's module is in no service here", () => {
  assert.equal(plan('nova.compute.api:nova.notifications.notify_decorator').length, 1)
})

const refused: readonly [entry: string, sentence: RegExp][] = [
  ['nova.compute.manager', /^monkey_patch_modules: 'nova\.compute\.manager': it must be MODULE:DECORATOR$/],
  [
    'nova.network.manager:nova.notifications.notify_decorator',
    /there is no module nova\.network\.manager, there are nova\.compute\.manager/,
  ],
  ['nova.compute.manager:nova.utils.trace', /there is no decorator nova\.utils\.trace, there is nova\.notifications\.notify_decorator/],
  ['nova.compute.manager:/etc/nova/a.mjs', /must be \/path\/to\/module\.mjs#export$/],
  ['constructor:nova.notifications.notify_decorator', /there is no module constructor/],
]
for (const [entry, sentence] of refused)
  test(`'${entry}' is refused in one sentence`, () => {
    assert.throws(
      () => plan(entry),
      (err) => err instanceof Error && sentence.test(err.message) && 'exitStatus' in err && err.exitStatus === 1,
    )
  })

test('methods have the name of their class in Nova, those of baseapi none', () => {
  assert.equal(classOf('nova.compute.manager', null), 'ComputeManager')
  assert.equal(classOf('nova.conductor.manager', 'compute_task'), 'ComputeTaskManager')
  assert.equal(classOf('nova.compute.manager', 'baseapi'), undefined)
})
