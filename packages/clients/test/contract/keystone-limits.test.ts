// Keystone's limits, asked for as oslo.limit does over the SDK.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createClients, isClientError } from '@micronova/clients'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { passwordLines, settingsFrom } from '../support/clients-from.js'
import { type Step, scriptedServer } from '../support/scripted-server.js'

async function keystoneFor(t: TestContext, steps: readonly Step[], more = '') {
  const server = await scriptedServer(t, steps)
  const settings = settingsFrom(`[oslo_limit]\n${passwordLines(server.url)}\nendpoint_id = nova-1\n${more}`, { limits: true })
  const deps = { clock: systemClock, random: systemRandom, log: nullLogger }
  const clients = createClients(deps, { settings, program: 'nova-conductor' })
  t.after(() => clients.close())
  assert.ok(clients.keystone !== null)
  return { server, keystone: clients.keystone }
}

const answer = (json: unknown): Step => ({ status: 200, json })

test('model, endpoint and limits are asked for at the v3 root of the catalogue, with the rights of [oslo_limit]', async (t) => {
  const { server, keystone } = await keystoneFor(t, [
    answer({ model: { name: 'flat', description: 'no hierarchy' } }),
    answer({ endpoint: { id: 'nova-1', service_id: 's', region_id: 'Region One', interface: 'public' } }),
    answer({ limits: [{ resource_name: 'class:VCPU', resource_limit: 4, project_id: 'p' }] }),
    answer({ registered_limits: [{ resource_name: 'servers', default_limit: -1 }] }),
  ])
  assert.equal(await keystone.enforcementModel(), 'flat')
  const endpoint = await keystone.limitedEndpoint()
  assert.deepEqual(endpoint, { service_id: 's', region_id: 'Region One' })
  const [limit] = await keystone.listLimits({ ...endpoint, resource_name: 'class:VCPU', project_id: 'p' })
  assert.equal(limit?.resource_limit, 4)
  const [registered] = await keystone.listRegisteredLimits({ ...endpoint, region_id: null, resource_name: 'servers' })
  assert.equal(registered?.default_limit, -1)
  assert.deepEqual(
    server.asked.map(({ method, path, headers }) => [`${method} ${path}`, headers['x-auth-token']]),
    [
      ['GET /v3/limits/model', 'token-1'],
      ['GET /v3/endpoints/nova-1', 'token-1'],
      ['GET /v3/limits?service_id=s&region_id=Region+One&resource_name=class%3AVCPU&project_id=p', 'token-1'],
      ['GET /v3/registered_limits?service_id=s&resource_name=servers', 'token-1'],
    ],
  )
})

test('a region whose Keystone the catalogue does not have is named; an address of the section takes its place', async (t) => {
  const { keystone } = await keystoneFor(t, [], 'region_name = Elsewhere\n')
  await assert.rejects(keystone.enforcementModel(), (err) => isClientError(err, 'no_endpoint') && /region Elsewhere/.test(err.message))
  const server = await scriptedServer(t, [answer({ model: { name: 'flat' } })])
  const other = await keystoneFor(t, [], `endpoint_override = ${server.url}/identity/v3/\n`)
  assert.equal(await other.keystone.enforcementModel(), 'flat')
  assert.deepEqual([server.asked[0]?.path, other.server.asked.length], ['/identity/v3/limits/model', 0])
})

test('an endpoint that Keystone does not have, and answers of another shape, are errors with their code', async (t) => {
  const { keystone } = await keystoneFor(t, [
    { status: 404, json: { error: { code: 404, title: 'Not Found', message: 'Could not find endpoint: nova-1.' } } },
    answer({ endpoint: { id: 'nova-1', service_id: 's', region_id: 7 } }),
    answer({ model: 'flat' }),
    answer({ limits: [{ resource_name: 'servers', resource_limit: '10' }] }),
  ])
  await assert.rejects(keystone.limitedEndpoint(), (err) => isClientError(err, 'not_found') && /nova-1/.test(err.message))
  const bad = (err: unknown) => isClientError(err, 'bad_response')
  await assert.rejects(keystone.limitedEndpoint(), bad)
  await assert.rejects(keystone.enforcementModel(), bad)
  const query = { service_id: 's', region_id: null, resource_name: 'servers', project_id: 'p' }
  await assert.rejects(keystone.listLimits(query), bad)
})
