import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { adminContext } from '@micronova/model'
import { imageEndpoint } from './image-endpoint.js'

const deps = { clock: systemClock, random: systemRandom }
const adapter = {
  service_type: 'image',
  service_name: null,
  valid_interfaces: ['internal', 'public'],
  region_name: null,
  endpoint_override: null,
} as unknown as Parameters<typeof imageEndpoint>[0]['adapter']
const none = { api_servers: [], num_retries: 3 }
const contextWith = (publicURL: string) => ({
  ...adminContext(deps),
  serviceCatalog: [{ type: 'image', name: 'glance', endpoints: [{ publicURL, region: 'RegionOne' }] }],
})

test('api_servers are named as they are written, whatever the catalogue says', () => {
  const options = { ...none, api_servers: ['http://one:9292/', 'http://two:9292'] }
  const endpoint = imageEndpoint({ options, adapter }, systemRandom)
  const seen = new Set(Array.from({ length: 100 }, () => endpoint(contextWith('http://catalogue:9292'))))
  assert.deepEqual([...seen].sort(), options.api_servers)
})

test('without them the catalogue of the request says where images are, without the version', () => {
  const endpoint = imageEndpoint({ options: none, adapter }, systemRandom)
  assert.equal(endpoint(contextWith('http://catalogue:9292')), 'http://catalogue:9292')
  assert.equal(endpoint(contextWith('http://catalogue/image/v2')), 'http://catalogue/image/')
  assert.equal(endpoint(adminContext(deps)), null)
})

test('endpoint_override stands before the catalogue', () => {
  const endpoint = imageEndpoint({ options: none, adapter: { ...adapter, endpoint_override: 'http://override/v2.1/' } }, systemRandom)
  assert.equal(endpoint(contextWith('http://catalogue:9292')), 'http://override/')
})
