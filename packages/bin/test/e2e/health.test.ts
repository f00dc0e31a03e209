import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { privateBrokerSkip, startPrivateBroker } from '@micronova/testing'
import { figure, parsePrometheusText } from '../prometheus-text.js'
import { createBoot } from './support/boots.js'
import { Cell } from './support/cell.js'
import { eventually } from './support/eventually.js'
import type { RunningService } from './support/running-service.js'
import { servicesSkip } from './support/services.js'

const anywhere = { micronova: { health_listen: '127.0.0.1:0' } }

/** Where a service answers for its health. */
async function healthOf(service: RunningService) {
  const line = await service.logged(/Health and metrics at /)
  const url = `http://${/Health and metrics at (\S+)/.exec(line)?.[1]}`
  const get = async (path: string) => {
    const response = await fetch(url + path)
    return { status: response.status, body: await response.text() }
  }
  return {
    get,
    metrics: async () => parsePrometheusText((await get('/metrics')).body),
    ready: (status: number, pattern: RegExp) =>
      eventually(`/readyz says ${status}, ${pattern}`, async () => {
        const answer = await get('/readyz')
        return (answer.status === status && pattern.test(answer.body)) || undefined
      }),
  }
}

test('health', { skip: servicesSkip || privateBrokerSkip(), timeout: 120_000 }, async (t) => {
  const broker = await startPrivateBroker(t)
  const cell = await Cell.create(t, { brokerUrl: broker.url })
  const compute = cell.run('nova-compute', anywhere)
  const computeHealth = await healthOf(compute)

  await t.test('a compute without a conductor is alive, and not ready for want of it', async () => {
    await computeHealth.ready(503, /^\[-\]start in step conductor for \d+ s, since /)
    assert.deepEqual(await computeHealth.get('/livez'), { status: 200, body: 'ok\n' })
    assert.equal(figure(await computeHealth.metrics(), 'micronova_service_up'), 0)
  })

  const conductor = await cell.start('nova-conductor', { ...anywhere, conductor: { workers: 2 } })
  const conductorHealth = await healthOf(conductor)

  await t.test('it is ready once the conductor is, and so is the conductor with each of its workers', async () => {
    await compute.started()
    await computeHealth.ready(200, /^ok\n$/)
    await conductorHealth.ready(200, /^ok\n$/)
    const { body } = await conductorHealth.get('/readyz?verbose')
    assert.equal(body.match(/^\[\+\]worker-\d+\/database-main ok$/gm)?.length, 2, body)
  })

  await t.test('figures move with the work, on both sides of the wire', async () => {
    const asked = async () => figure(await computeHealth.metrics(), 'micronova_rpc_calls_total', { topic: 'conductor', outcome: 'done' })
    const before = await asked()
    const boot = await createBoot(cell.controlPlane(), 'compute1')
    await boot.build()
    await eventually('the build has ended and is counted', async () => {
      const metrics = await computeHealth.metrics()
      if (figure(metrics, 'micronova_rpc_requests_total', { method: 'build_and_run_instance' }) === 0) return undefined
      return figure(metrics, 'micronova_instances') === 1 || undefined
    })
    const metrics = await computeHealth.metrics()
    assert.ok((await asked()) > before)
    assert.equal(
      figure(metrics, 'micronova_rpc_requests_total', { topic: 'compute', method: 'build_and_run_instance', outcome: 'done' }),
      1,
    )
    assert.ok(figure(metrics, 'micronova_node_vcpus') > 0)
    const ofConductor = await conductorHealth.metrics()
    assert.equal(figure(ofConductor, 'micronova_workers', { state: 'ready' }), 2)
    assert.equal(figure(ofConductor, 'micronova_service_up'), 2)
    assert.ok(figure(ofConductor, 'micronova_rpc_requests_total', { method: 'object_action' }) > 0)
  })

  await t.test('a broker that goes away is named, and all are ready again after its return', async () => {
    await broker.kill()
    await computeHealth.ready(503, /^\[-\]broker-listen not connected to /m)
    await conductorHealth.ready(503, /^\[-\]worker-\d+\/broker-listen not connected to /m)
    assert.equal((await computeHealth.get('/livez')).status, 200)
    assert.equal(figure(await computeHealth.metrics(), 'micronova_broker_connection_up', { purpose: 'listen' }), 0)
    await broker.start()
    await computeHealth.ready(200, /^ok\n$/)
    await conductorHealth.ready(200, /^ok\n$/)
    assert.ok(figure(await computeHealth.metrics(), 'micronova_broker_reconnects_total') >= 1)
  })

  await t.test('a worker that is killed takes nothing from the counters', async () => {
    const requests = async () => figure(await conductorHealth.metrics(), 'micronova_rpc_requests_total')
    const before = await requests()
    const { body } = await conductorHealth.get('/readyz?verbose')
    process.kill(Number(/worker-(\d+)/.exec(body)?.[1]), 'SIGKILL')
    await conductor.logged(/killed by signal 9/)
    assert.ok((await requests()) >= before)
    await conductorHealth.ready(200, /^ok\n$/)
  })

  await t.test('an address that is taken ends the start with status 1 and one sentence', async (t) => {
    const other = createServer().listen(0, '127.0.0.1')
    t.after(() => other.close())
    await eventually('it listens', () => other.listening || undefined)
    const { port } = other.address() as { port: number }
    const refused = cell.run('nova-compute', { DEFAULT: { host: 'compute2' }, micronova: { health_listen: `127.0.0.1:${port}` } })
    assert.deepEqual(await refused.ended(), { status: 1, signal: null })
    assert.equal(
      refused.matching(/nova-compute could not start: \[micronova\] health_listen: cannot listen at 127\.0\.0\.1:\d+: another/).length,
      1,
    )
  })
})
