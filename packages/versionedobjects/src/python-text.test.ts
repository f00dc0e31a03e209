import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pythonRepr, pythonText, pythonTuple, pythonTypeName } from './index.js'

test('values print as Python prints them', () => {
  const printed: readonly (readonly [unknown, string])[] = [
    [null, 'None'],
    [true, 'True'],
    [1.5, '1.5'],
    [1e-7, '1e-07'],
    [1.25e-5, '1.25e-05'],
    [1e21, '1e+21'],
    [2 ** 53, '9007199254740992.0'],
    [2n ** 70n, '1180591620717411303424'],
    [Number.NaN, 'nan'],
    [Number.NEGATIVE_INFINITY, '-inf'],
    ["it's", `"it's"`],
    [`it's "it"`, `'it\\'s "it"'`],
    ['a\nb\\', "'a\\nb\\\\'"],
    [['a', 1, [null]], "['a', 1, [None]]"],
    [{ a: { b: false } }, "{'a': {'b': False}}"],
    [new Set(), 'set()'],
    [new Set([1, 2]), '{1, 2}'],
  ]
  for (const [value, text] of printed) assert.equal(pythonRepr(value), text)
  assert.equal(pythonTuple(['1']), '(1,)')
  assert.equal(pythonTuple(['1', '2']), '(1, 2)')
})

test('text is its own text, and a time is printed with its zone', () => {
  assert.equal(pythonText("it's"), "it's")
  assert.equal(pythonText(new Date('2023-01-31T23:59:59Z')), '2023-01-31 23:59:59+00:00')
  assert.equal(pythonText(new Date('2023-01-31T23:59:59.120Z')), '2023-01-31 23:59:59.120000+00:00')
})

test('types have the names that Python gives them', () => {
  const named: readonly (readonly [unknown, string])[] = [
    [null, 'NoneType'],
    [1, 'int'],
    [1n, 'int'],
    [1.5, 'float'],
    ['', 'str'],
    [false, 'bool'],
    [[], 'list'],
    [{}, 'dict'],
    [new Set(), 'set'],
    [new Date(), 'datetime'],
  ]
  for (const [value, name] of named) assert.equal(pythonTypeName(value), name)
})
