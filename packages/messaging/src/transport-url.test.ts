import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InvalidTransportUrl } from './errors.js'
import { parseTransportUrl } from './transport-url.js'

const guest = { username: 'guest', password: 'guest', port: 5672 }

test('what is left out of a URL has its default', () => {
  assert.deepEqual(parseTransportUrl('rabbit://'), {
    scheme: 'rabbit',
    hosts: [{ ...guest, hostname: 'localhost' }],
    virtualHost: '/',
    query: {},
  })
  assert.deepEqual(parseTransportUrl('memory://'), { scheme: 'memory' })
})

test('several hosts, an IPv6 address, percent-encoding, a vhost and options are read', () => {
  const url = 'rabbit://no%40va:p%2Fa%3As%2Cs@h1:5673,u2:p2@[2001:db8::1]:5674,u3@h3/my%2Fvhost?ssl=1&heartbeat_rate=3&x=a&x=b%20c'
  assert.deepEqual(parseTransportUrl(url), {
    scheme: 'rabbit',
    hosts: [
      { hostname: 'h1', port: 5673, username: 'no@va', password: 'p/a:s,s' },
      { hostname: '2001:db8::1', port: 5674, username: 'u2', password: 'p2' },
      { hostname: 'h3', port: 5672, username: 'u3', password: '' },
    ],
    virtualHost: 'my/vhost',
    query: { ssl: '1', heartbeat_rate: '3', x: 'a,b c' },
  })
})

test('one or two slashes after the host mean the vhost "/", as upstream reads them', () => {
  for (const url of ['rabbit://h', 'rabbit://h/', 'rabbit://h//']) {
    const parsed = parseTransportUrl(url)
    assert.equal(parsed.scheme === 'rabbit' && parsed.virtualHost, '/')
  }
})

test('a URL that cannot be read is refused with the part that is wrong and without the password', () => {
  for (const [url, expected] of [
    ['nova', /not of the form/],
    ['amqp://u:secret@h', /scheme 'amqp'/],
    ['rabbit://u:secret@h:port', /port of host 1 \(h\)/],
    ['rabbit://u:secret@h:70000', /port of host 1 \(h\)/],
    ['rabbit://u:secret@h1,u:secret@:5672', /host 2 has no host name/],
    ['rabbit://u:secret@2001:db8::1', /host 1 cannot be read; an IPv6 address stands in brackets/],
    ['rabbit://u:secret%zz@h', /password of host 1 is not percent-encoded/],
    ['rabbit://%zz:secret@h', /user name of host 1 is not percent-encoded/],
    ['rabbit://u:secret@h/%ff', /virtual host is not percent-encoded/],
  ] as const) {
    assert.throws(
      () => parseTransportUrl(url),
      (err) => err instanceof InvalidTransportUrl && expected.test(err.message) && !err.message.includes('secret'),
      url,
    )
  }
})
