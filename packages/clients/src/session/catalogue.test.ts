import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { findEndpoint, parseCatalogue } from './catalogue.js'

const catalogue = parseCatalogue([
  {
    type: 'placement',
    name: 'placement',
    endpoints: [
      { interface: 'public', region_id: 'One', url: 'http://public-one' },
      { interface: 'internal', region_id: 'One', url: 'http://internal-one' },
      { interface: 'public', region: 'Two', url: 'http://public-two' },
    ],
  },
  { type: 'block-storage', endpoints: [{ publicURL: 'http://cinder/v3/p', internalURL: 'http://inside/v3/p', region: 'One' }] },
])
const filter = { serviceType: 'placement', serviceName: null, interfaces: ['internal', 'public'], region: null }

test('the first interface that the service has is taken', () => {
  assert.equal(findEndpoint(catalogue, filter), 'http://internal-one')
  assert.equal(findEndpoint(catalogue, { ...filter, interfaces: ['admin', 'publicURL'] }), 'http://public-one')
  assert.equal(findEndpoint(catalogue, { ...filter, interfaces: ['admin'] }), null)
})

test('a region and a name narrow the choice; a service without a name fits any', () => {
  assert.equal(findEndpoint(catalogue, { ...filter, region: 'Two' }), 'http://public-two')
  assert.equal(findEndpoint(catalogue, { ...filter, region: 'Three' }), null)
  assert.equal(findEndpoint(catalogue, { ...filter, serviceName: 'other' }), null)
  const cinder = { serviceType: 'block-storage', serviceName: 'cinderv3', interfaces: ['publicURL'], region: 'One' }
  assert.equal(findEndpoint(catalogue, cinder), 'http://cinder/v3/p')
})

test('Cinder is found under its other names', () => {
  assert.equal(findEndpoint(catalogue, { ...filter, serviceType: 'volumev3' }), 'http://inside/v3/p')
})

test('whatever stands where a catalogue should is read without harm', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      assert.equal(findEndpoint(parseCatalogue(value), filter), null)
    }),
  )
})
