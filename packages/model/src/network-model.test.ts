import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VersionedObjectError } from '@micronova/versionedobjects'
import fc from 'fast-check'
import { hydrateVif, InstanceInfoCache, pythonJson, VIFMigrateData } from './index.js'

test('what is missing of an interface gets its default', () => {
  const vif = hydrateVif({ id: 'port', network: { id: 'net', subnets: [{ cidr: 'fd00::/64', ips: [{ address: '10.0.0.5' }] }] } })
  assert.equal(vif.vnic_type, 'normal')
  assert.equal(vif.active, false)
  const subnet = vif.network!.subnets[0]!
  assert.equal(subnet.version, 6)
  assert.deepEqual(subnet.ips, [{ address: '10.0.0.5', type: 'fixed', version: 4, meta: {}, floating_ips: [] }])
  assert.equal(subnet.gateway, null)
})

test('an empty network is none', () => {
  assert.equal(hydrateVif({ network: {} }).network, null)
})

test('an info cache holds its interfaces as JSON text on the wire', () => {
  const cache = new InstanceInfoCache({ network_info: [hydrateVif({ id: 'port', details: { näme: 1 } })] })
  const data = cache.objToPrimitive()['nova_object.data'] as { network_info: string }
  assert.match(data.network_info, /^\[\{"id": "port", "details": \{"n\\u00e4me": 1\}, "address": null, /)
  const copy = cache.objClone()
  copy.network_info![0]!.active = true
  assert.equal(cache.network_info![0]!.active, false)
  assert.ok(!copy.objEquals(cache))
})

test('text that is no JSON, of the wrong shape or nested too deep is refused', () => {
  for (const text of [
    '',
    'null',
    '{}',
    '[1]',
    '[{"network": []}]x',
    '[{"network": {"subnets": 5}}]',
    `[{"profile": ${'['.repeat(1e5)}${']'.repeat(1e5)}}]`,
  ])
    assert.throws(() => new InstanceInfoCache({ network_info: text as never }), VersionedObjectError, text.slice(0, 40))
  assert.throws(() => new VIFMigrateData({ source_vif: '[]' as never }), VersionedObjectError)
})

test('JSON text is written as Python writes it', () => {
  assert.equal(
    pythonJson({ a: [1, 1.5, null, true, 'é"\n'], b: {}, c: [] }),
    '{"a": [1, 1.5, null, true, "\\u00e9\\"\\n"], "b": {}, "c": []}',
  )
  assert.equal(pythonJson({ big: 2n ** 70n, gone: undefined }), '{"big": 1180591620717411303424}')
})

test('JSON text means what went into it, in ASCII', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = pythonJson(value)
      assert.match(text, /^[ -~]*$/)
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
    }),
  )
})
