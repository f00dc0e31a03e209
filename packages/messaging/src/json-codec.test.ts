import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MalformedMessage } from './errors.js'
import { formatJson, maxNesting, parseJson } from './json-codec.js'

test('an integer beyond 2^53 arrives as bigint and leaves as the same digits', () => {
  const value = parseJson('{"big": 1180591620717411303424, "negative": -9007199254740993, "small": 9007199254740991}')
  assert.deepEqual(value, { big: 1180591620717411303424n, negative: -9007199254740993n, small: 9007199254740991 })
  assert.equal(formatJson({ big: 2n ** 70n }), '{"big": 1180591620717411303424}')
})

test('long digits inside a string and long fractions stay what they are', () => {
  assert.deepEqual(parseJson('["12345678901234567890", 0.12345678901234566, 1e30]'), ['12345678901234567890', 0.12345678901234566, 1e30])
})

test("Python's NaN and Infinity are read and written, and left alone inside strings", () => {
  const value = parseJson('{"a": NaN, "b": [Infinity, -Infinity], "c": "NaN \\" Infinity"}')
  assert.deepEqual(value, { a: Number.NaN, b: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], c: 'NaN " Infinity' })
  assert.equal(formatJson(value), '{"a": NaN, "b": [Infinity, -Infinity], "c": "NaN \\" Infinity"}')
})

test('of a repeated key the last one counts, with and without a big integer', () => {
  assert.deepEqual(parseJson('{"a": 1, "a": 2}'), { a: 2 })
  assert.deepEqual(parseJson('{"a": 1, "a": 18446744073709551616}'), { a: 18446744073709551616n })
})

test('nesting is taken up to the limit and refused beyond, whatever stands in strings', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  assert.doesNotThrow(() => parseJson(nested(maxNesting)))
  assert.throws(() => parseJson(nested(maxNesting + 1)), MalformedMessage)
  assert.throws(() => parseJson(nested(100_000)), MalformedMessage)
  assert.throws(() => parseJson('{"a":'.repeat(100_000)), MalformedMessage)
  assert.doesNotThrow(() => parseJson(JSON.stringify(`\\"${'['.repeat(5000)}`)))
  assert.doesNotThrow(() => parseJson(`[${'{},'.repeat(5000)}1]`))
})

test('what is not JSON is refused with the reason as cause', () => {
  for (const text of ['', 'not JSON', '{"a": }', '{"a": NaNo}', '[1,]', '"\\x"', "{'a': 1}", '12345678901234567890 x'])
    assert.throws(
      () => parseJson(text),
      (err) => err instanceof MalformedMessage && err.cause instanceof Error,
    )
})

test('__proto__ is a key as any other', () => {
  for (const text of ['{"__proto__": {"polluted": 1}}', '{"__proto__": {"polluted": 18446744073709551616}}']) {
    const value = parseJson(text) as object
    assert.deepEqual(Object.keys(value), ['__proto__'])
    assert.equal((value as { polluted?: unknown }).polluted, undefined)
  }
})

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.double(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 200n }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value

test('whatever is written reads back the same', () => {
  fc.assert(
    fc.property(json, (value) => {
      const plain = normalized(value)
      assert.deepEqual(normalized(parseJson(formatJson(plain as never))), plain)
    }),
  )
})

/** JSON has one zero and one kind of integer, and its objects have no history. */
function normalized(value: unknown): unknown {
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value as number) < 1e21) return BigInt(value as number)
  if (Object.is(value, -0)) return 0
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(normalized)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, normalized(member)]))
}
