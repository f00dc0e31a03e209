// A service under its init script while others talk to it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createVirtualHost, servicesSkip, systemDeps } from '../../packages/bin/dist/test/e2e/support/services.js'
import { createTransport } from '../../packages/messaging/dist/src/index.js'
import { adminContext, novaErrorCatalogue, novaRegistry } from '../../packages/model/dist/src/index.js'
import { createBaseApi, createNovaSerializer } from '../../packages/rpcapi/dist/src/index.js'
import { missing } from './needs.mjs'
import { conductorConfig, Sandbox } from './sandbox.mjs'

const skip = missing('sandbox', 'start-stop-daemon', 'logrotate') || servicesSkip
const script = '/etc/init.d/nova-conductor'

/** nova-conductor under its init script at a broker outside of the sandbox, and a client of it. */
async function conductor(t) {
  const brokerUrl = await createVirtualHost(t)
  const sandbox = await Sandbox.open(t, { programs: ['nova-conductor'] })
  const url = brokerUrl.replace(/^amqp/, 'rabbit')
  sandbox.write('/etc/nova/nova.conf', conductorConfig(2).replace('memory://', url))
  assert.equal(sandbox.run(`${script} start`).status, 0)
  const transport = createTransport(url, { ...systemDeps, errors: novaErrorCatalogue })
  t.after(() => transport.stop(AbortSignal.timeout(2000)))
  const api = createBaseApi('conductor', { transport, serializer: createNovaSerializer({ registry: novaRegistry() }) })
  const ping = () => api.ping(adminContext(systemDeps), { arg: 'there?' }, { timeoutSeconds: 60 })
  await ping()
  return { sandbox, ping }
}

/** Calls, a few at a time, until `enough`; resolves with how many were answered and rejects with the first that was not. */
async function traffic(ping, enough) {
  let answered = 0
  const caller = async () => {
    while (!enough.aborted) {
      await ping()
      answered++
    }
  }
  await Promise.all(Array.from({ length: 8 }, caller))
  return answered
}

test('restarted by its script under traffic, nova-conductor leaves no call without its answer', { skip, timeout: 120_000 }, async (t) => {
  const { sandbox, ping } = await conductor(t)
  const enough = new AbortController()
  const calls = traffic(ping, enough.signal)
  const pids = new Set()
  for (let round = 0; round < 3; round++) {
    const { status } = await sandbox.runBeside(`${script} restart`)
    assert.equal(status, 0)
    pids.add(sandbox.output('cat /var/run/nova/nova-conductor.pid'))
    await ping()
  }
  enough.abort()
  assert.ok((await calls) > 0)
  assert.equal(pids.size, 3)
})

test('logrotate takes the log away and no line is lost: the service writes to a new one', { skip, timeout: 120_000 }, async (t) => {
  const { sandbox, ping } = await conductor(t)
  sandbox.output('chown root:root /etc/logrotate.d/micronova-common')
  const enough = new AbortController()
  const calls = traffic(ping, enough.signal)
  sandbox.output('logrotate --force /etc/logrotate.d/micronova-common')
  assert.match(sandbox.output('cat /var/log/nova/nova-conductor.log.1'), /step rpc_server done/)
  sandbox.output('kill -HUP $(cat /var/run/nova/nova-conductor.pid)')
  for (let tries = 0; sandbox.run('grep -q SIGHUP /var/log/nova/nova-conductor.log').status !== 0; tries++) {
    assert.ok(tries < 100, 'no line in the new log')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  enough.abort()
  await calls
  const lines = sandbox.output('cat /var/log/nova/nova-conductor.log.1 /var/log/nova/nova-conductor.log')
  assert.equal(lines.match(/Caught SIGHUP/g)?.length, 1)
})
