import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { createClients } from '@micronova/clients'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { settingsFrom } from '../support/clients-from.js'
import { keystone, lines, origin, userContext } from '../support/real-cloud.js'

interface Row {
  readonly id: string
  readonly service_id: string
  readonly region_id: string | null
  readonly resource_name?: string
}

test('a real Keystone tells its model, an endpoint and the limits of its service', { skip: keystone.skip }, async (t) => {
  const { authToken, projectId } = await userContext()
  const api = async (method: string, path: string, body?: unknown): Promise<Record<string, Row[]>> => {
    const headers = { 'X-Auth-Token': authToken!, 'Content-Type': 'application/json' }
    const signal = AbortSignal.timeout(30_000)
    const answer = await fetch(`${origin}/v3${path}`, {
      method,
      headers,
      signal,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`)
    return answer.status === 204 ? {} : ((await answer.json()) as Record<string, Row[]>)
  }
  const [endpoint] = (await api('GET', '/endpoints'))['endpoints']!
  assert.ok(endpoint !== undefined)
  const { service_id, region_id } = endpoint
  const resource_name = `micronova-${randomUUID()}`
  const made: string[] = []
  t.after(async () => {
    for (const path of made.reverse()) await api('DELETE', path)
  })
  const make = async (kind: string, limit: object) => {
    const rows = (await api('POST', `/${kind}`, { [kind]: [{ service_id, region_id, resource_name, ...limit }] }))[kind]!
    made.push(`/${kind}/${rows.find((row) => row.resource_name === resource_name)!.id}`)
  }

  const settings = settingsFrom(`[oslo_limit]\n${lines}\nendpoint_id = ${endpoint.id}\n`, { limits: true })
  const clients = createClients({ clock: systemClock, random: systemRandom, log: nullLogger }, { settings, program: 'nova-conductor' })
  t.after(() => clients.close())
  const client = clients.keystone!
  assert.equal(await client.enforcementModel(), 'flat')
  assert.deepEqual(await client.limitedEndpoint(), { service_id, region_id })
  const query = { service_id, region_id, resource_name }
  const ofProject = { ...query, project_id: projectId! }
  assert.deepEqual(await client.listRegisteredLimits(query), [])
  await make('registered_limits', { default_limit: 10 })
  assert.deepEqual(await client.listLimits(ofProject), [])
  assert.equal((await client.listRegisteredLimits(query))[0]?.default_limit, 10)
  await make('limits', { project_id: projectId, resource_limit: 3 })
  assert.equal((await client.listLimits(ofProject))[0]?.resource_limit, 3)
  assert.deepEqual(await client.listLimits({ ...ofProject, project_id: randomUUID().replaceAll('-', '') }), [])
})
