import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PythonError } from '@micronova/messaging'
import { classMethod, instanceMethod, type RemotableMethod } from '@micronova/versionedobjects'
import { bindArguments } from './arguments.js'

const getByArgs = classMethod('host', 'binary')
const withDefault = classMethod('a', ['b', null])
const three = instanceMethod('a', 'b', 'c')

/** Messages of Python 3.11 for the same calls. */
const refusals: readonly (readonly [name: string, RemotableMethod, unknown[], Record<string, unknown>, message: string])[] = [
  ['Service.get_by_args', getByArgs, [], {}, "Service.get_by_args() missing 2 required positional arguments: 'host' and 'binary'"],
  ['Service.get_by_args', getByArgs, ['h'], {}, "Service.get_by_args() missing 1 required positional argument: 'binary'"],
  ['Service.get_by_args', getByArgs, ['h', 'b', 'c'], {}, 'Service.get_by_args() takes 4 positional arguments but 5 were given'],
  ['Service.get_by_args', getByArgs, ['h', 'b'], { x: 1 }, "Service.get_by_args() got an unexpected keyword argument 'x'"],
  ['Service.get_by_args', getByArgs, ['h', 'b'], { host: 1 }, "Service.get_by_args() got multiple values for argument 'host'"],
  ['Service.m', withDefault, ['1', '2', '3'], {}, 'Service.m() takes from 3 to 4 positional arguments but 5 were given'],
  ['Service.save', instanceMethod(), ['1'], {}, 'Service.save() takes 1 positional argument but 2 were given'],
  ['Service.three', three, [], {}, "Service.three() missing 3 required positional arguments: 'a', 'b', and 'c'"],
]

for (const [name, method, args, kwargs, message] of refusals) {
  test(`wrong arguments are refused as Python does: ${message}`, () => {
    assert.throws(
      () => bindArguments(name, method, args, kwargs),
      (err) => err instanceof PythonError && err.className === 'TypeError' && err.message === message,
    )
  })
}

test('arguments are bound by position, by name and by default', () => {
  const bound = bindArguments('Service.m', withDefault, ['here'], {})
  assert.deepEqual([bound.text('a'), bound.textOrNull('b')], ['here', null])
  assert.equal(bindArguments('Service.m', withDefault, [], { b: 'x', a: 'y' }).text('b'), 'x')
})

test('an argument that is not implemented is refused if it asks for something', () => {
  const isRefused = (err: unknown) => err instanceof PythonError && err.className === 'NotImplementedError' && err.message.includes("'b'")
  assert.throws(() => bindArguments('Service.m', withDefault, ['x', 5], {}).refuse('b'), isRefused)
  for (const nothing of [null, false]) bindArguments('Service.m', withDefault, ['x', nothing], {}).refuse('b')
})

test('a value of the wrong type is a TypeError that names the argument', () => {
  const bound = bindArguments('Service.three', three, [1, 'text', ['x', 2]], {})
  const isTypeError = (name: string) => (err: unknown) =>
    err instanceof PythonError && err.className === 'TypeError' && err.message.includes(`'${name}'`)
  assert.throws(() => bound.text('a'), isTypeError('a'))
  assert.throws(() => bound.integer('b'), isTypeError('b'))
  assert.throws(() => bound.dict('c'), isTypeError('c'))
  assert.throws(() => bound.texts('c'), isTypeError('c'))
})
