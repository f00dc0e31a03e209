import assert from 'node:assert/strict'
import { isIPv4, isIPv6 } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { f, isoTime, VersionedObjectError } from '../index.js'
import { parseIsoTime } from './date-time.js'

test('integers beyond 2^53 are kept to the last digit', () => {
  const field = f.integer()
  const big = 2n ** 70n
  assert.equal(field.toPrimitive(field.coerce(big, 'size')), big)
  assert.equal(field.toPrimitive(field.coerce(String(big), 'size')), big)
  assert.equal(field.coerce(5n, 'size'), 5)
})

test('text that is too long to be a number is refused at once', () => {
  assert.throws(() => f.integer().coerce('9'.repeat(1_000_000), 'size'), VersionedObjectError)
})

test('an IPv6 address has one shortest form, which means the same', () => {
  const field = f.ipv6Address()
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const short = field.coerce(text, 'ip')
      assert.ok(isIPv6(short))
      assert.equal(field.coerce(short, 'ip'), short)
      assert.equal(new URL(`http://[${short}]`).hostname, new URL(`http://[${text}]`).hostname)
    }),
  )
})

test('an IPv4 address with four parts stays what it is', () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      assert.ok(isIPv4(text))
      assert.equal(f.ipAddress().coerce(text, 'ip'), text)
    }),
  )
})

test('every second of 9,999 years is written and read again', () => {
  const seconds = fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  fc.assert(
    fc.property(seconds, (date) => {
      const text = isoTime(date)
      assert.equal(text.length, 20)
      assert.equal(parseIsoTime(text).getTime(), Math.floor(date.getTime() / 1000) * 1000)
    }),
  )
})

test('a date of which there is no moment is refused', () => {
  assert.throws(() => f.dateTime().coerce(new Date(Number.NaN), 'at'), VersionedObjectError)
})

test('a list is refused where a set belongs, but read as one off the wire', () => {
  const field = f.set(f.integer())
  assert.throws(() => field.coerce([1], 'ids'), /A set is required in field ids, not a list/)
  const none = { object: () => assert.fail('no object here') }
  assert.deepEqual(field.fromPrimitive([1, 2], 'ids', none), new Set([1, 2]))
  assert.deepEqual(field.toPrimitive(new Set([2, 1])), [2, 1])
})

test('elements are named in the message', () => {
  assert.throws(() => f.dict(f.list(f.integer())).coerce({ a: [1, null] }, 'ids'), /Field `ids\[a\]\[1\]' cannot be None/)
})
