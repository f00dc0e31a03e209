import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { FaultProxy } from './proxy.mjs'

/** A service that answers with what it was asked, and the proxy before it. */
async function fixture(t) {
  const service = createServer(async (incoming, outgoing) => {
    let body = ''
    for await (const chunk of incoming) body += chunk
    outgoing.writeHead(201, { 'x-from': 'service' })
    outgoing.end(`${incoming.method} ${incoming.url} ${body}`)
  })
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  const proxy = new FaultProxy(service.address().port)
  const url = await proxy.start()
  t.after(async () => {
    await proxy.stop()
    service.close()
  })
  return { proxy, url }
}

test('a proxy without faults passes requests and answers on, and counts them without their ids', async (t) => {
  const { proxy, url } = await fixture(t)
  const response = await fetch(`${url}/allocations/8be122f6-6f32-488f-ac16-96deac19897a?a=1`, { method: 'PUT', body: 'text' })
  assert.deepEqual([response.status, response.headers.get('x-from')], [201, 'service'])
  assert.equal(await response.text(), 'PUT /allocations/8be122f6-6f32-488f-ac16-96deac19897a?a=1 text')
  assert.deepEqual(proxy.seen, ['PUT /allocations/{id}'])
})

test('a fault answers what it matches as often as it says, and nothing else', async (t) => {
  const { proxy, url } = await fixture(t)
  const fault = proxy.add({ times: 2, status: 409, matches: (method) => method === 'PUT' })
  const statuses = []
  for (const method of ['PUT', 'GET', 'PUT', 'PUT']) statuses.push((await fetch(url, { method })).status)
  assert.deepEqual(statuses, [409, 201, 409, 201])
  assert.equal(fault.met, 2)
})

test('a fault that cuts closes the connection without an answer, until the proxy is reset', async (t) => {
  const { proxy, url } = await fixture(t)
  proxy.add({ cut: true, matches: () => true })
  await assert.rejects(fetch(url))
  proxy.reset()
  assert.equal((await fetch(url)).status, 201)
})
