import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidArguments } from '../errors.js'
import { checkArguments } from './bind-arguments.js'

const parameters = [{ name: 'instance' }, { name: 'tail' }, { name: 'third' }, { name: 'reason', default: null }]

function complaint(args: Record<string, number>): string {
  let message = ''
  assert.throws(
    () => checkArguments('m', parameters, args),
    (err) => {
      message = err instanceof InvalidArguments ? err.message : ''
      return true
    },
  )
  return message
}

test("arguments that do not fit are refused in Python's words", () => {
  assert.equal(complaint({ instance: 1, tail: 2 }), "m() missing 1 required positional argument: 'third'")
  assert.equal(complaint({ third: 1 }), "m() missing 2 required positional arguments: 'instance' and 'tail'")
  assert.equal(complaint({}), "m() missing 3 required positional arguments: 'instance', 'tail' and 'third'")
  assert.equal(complaint({ bogus: 1, other: 2 }), "m() got an unexpected keyword argument 'bogus'")
})

test('an argument with a default may be left out', () => {
  assert.doesNotThrow(() => checkArguments('m', parameters, { instance: 1, tail: 2, third: 3 }))
  assert.doesNotThrow(() => checkArguments('m', parameters, { instance: 1, tail: 2, third: 3, reason: 'x' }))
})
