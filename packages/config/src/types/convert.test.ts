import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OptionLimits, OptionTypeName } from '../declare.js'
import { convert } from './convert.js'

const refused: readonly [type: OptionTypeName, limits: OptionLimits, text: string, why: string][] = [
  ['String', { choices: ['', 'project', null] }, 'x', "must be one of '', project, <None>"],
  ['String', { choices: ['', 'project', null] }, '<None>', "must be one of '', project, <None>"],
  ['String', { regex: '^\\w+:\\w*:.*$' }, 'volumev3', 'does not match ^\\w+:\\w*:.*$'],
  ['String', { maxLength: 3 }, 'four', 'longer than 3 characters'],
  ['String', { quotes: true }, '"a', 'the quote at its beginning is not closed'],
  ['Boolean', {}, 'maybe', 'not a boolean (true, false, yes, no, on, off, 1 or 0)'],
  ['Integer', {}, '1.5', 'not an integer'],
  ['Integer', {}, '9007199254740993', 'too large an integer'],
  ['Integer', { min: 1 }, '0', 'must be at least 1'],
  ['Integer', { max: 28 }, '29', 'must be at most 28'],
  ['Integer', { choices: [1, 2] }, '3', 'must be one of 1, 2'],
  ['Float', {}, 'fast', 'not a number'],
  ['Float', { max: 4.5 }, '4.6', 'must be at most 4.5'],
  ['Port', {}, '65536', 'must be at most 65535'],
  ['Port', {}, '-1', 'must be at least 0'],
  ['List', { bounds: true }, 'a]', "must start with '['"],
  ['List', { bounds: true }, '[a', "must end with ']'"],
  ['List', { item: { type: 'Integer' } }, '1,x', 'not an integer'],
  ['Dict', {}, 'a', "must be key:value pairs separated by ','"],
  ['Dict', {}, 'a:b,a:c', 'a key stands in it twice'],
  ['Dict', {}, ':b', 'a pair has no key'],
  ['Dict', { bounds: true }, 'a:b', "must start with '{'"],
  ['IPAddress', {}, 'host', 'not an IP address'],
  ['IPAddress', {}, 'fe80::1%eth0', 'not an IP address'],
  ['Hostname', {}, 'a_b', 'not a host name'],
  ['HostAddress', {}, 'a_b', 'neither an IP address nor a host name'],
  ['HostDomain', {}, 'a b', 'neither an IP address nor a host name'],
  ['URI', {}, '127.0.0.1:6080', 'a URI must begin with a scheme, as in http://'],
  ['URI', {}, 'http:///x', 'the URI has no valid host'],
  ['URI', {}, 'http://a/[1]', 'the path of the URI must not hold brackets'],
  ['URI', { schemes: ['http', 'https'] }, 'ftp://a', 'the scheme must be one of http, https'],
  ['URI', { maxLength: 8 }, 'http://abc', 'longer than 8 characters'],
  ['MultiDict', {}, 'node', "must be key:value pairs separated by ','"],
]

for (const [type, limits, text, why] of refused) {
  test(`${type} ${JSON.stringify(limits)} refuses '${text}': ${why}`, () => {
    assert.deepEqual(convert(text, type, limits), { why })
  })
}

test('a Dict keeps a key that is a name of JavaScript', () => {
  const conversion = convert('__proto__:x', 'Dict', {})
  assert.ok('value' in conversion)
  assert.deepEqual(Object.entries(conversion.value as object), [['__proto__', 'x']])
})

test('an item of a List may hold the comma, if only so it is valid', () => {
  assert.deepEqual(convert('"a,b",c', 'List', { item: { type: 'String', quotes: true } }), { value: ['a,b', 'c'] })
})
