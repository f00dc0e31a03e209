import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { isClientError } from '@micronova/clients'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { adminContext } from '@micronova/model'
import { temporaryFolder } from '@micronova/testing'
import { clientsFrom } from '../support/clients-from.js'

const ctx = { ...adminContext({ clock: systemClock, random: systemRandom }), authToken: 'token' }

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' })
}

const skip = (() => {
  try {
    openssl('version')
    return false
  } catch {
    return 'openssl is not installed'
  }
})()

/** An authority, and a certificate for 127.0.0.1 that it has signed. Files of the folder that is returned. */
async function certificates(t: TestContext): Promise<(name: string) => string> {
  const folder = await temporaryFolder(t)
  const file = (name: string) => join(folder, name)
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  openssl('req', '-x509', ...fresh, '-keyout', file('ca.key'), '-out', file('ca.pem'), '-subj', '/CN=authority')
  const issue = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-addext', 'subjectAltName=IP:127.0.0.1']
  openssl('req', '-x509', ...fresh, ...issue, '-keyout', file('server.key'), '-out', file('server.pem'), '-subj', '/CN=server')
  return file
}

async function secureServer(t: TestContext, file: (name: string) => string, asksForCertificate = false): Promise<string> {
  const options = { key: readFileSync(file('server.key')), cert: readFileSync(file('server.pem')), ca: readFileSync(file('ca.pem')) }
  const server = createServer({ ...options, requestCert: asksForCertificate, rejectUnauthorized: asksForCertificate }, (_, response) => {
    response.end('{"id": "i", "status": "active"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function glance(t: TestContext, url: string, ...lines: readonly string[]) {
  const clients = clientsFrom(['[glance]', `endpoint_override = ${url}`, 'num_retries = 0', ...lines].join('\n'))
  t.after(() => clients.close())
  return clients.glance
}

test('a service is trusted by its authority, or not at all unless that is wanted', { skip }, async (t) => {
  const file = await certificates(t)
  const url = await secureServer(t, file)
  assert.equal((await glance(t, url, `cafile = ${file('ca.pem')}`).showImage(ctx, 'i')).id, 'i')
  assert.equal((await glance(t, url, 'insecure = true').showImage(ctx, 'i')).id, 'i')
  const strange = glance(t, url, 'num_retries = 3')
  await assert.rejects(strange.showImage(ctx, 'i'), (err) => isClientError(err, 'unreachable') && /certificate/.test(err.message))
})

test('a service may ask for a certificate of the client', { skip }, async (t) => {
  const file = await certificates(t)
  const url = await secureServer(t, file, true)
  const own = [`cafile = ${file('ca.pem')}`, `certfile = ${file('server.pem')}`, `keyfile = ${file('server.key')}`]
  assert.equal((await glance(t, url, ...own).showImage(ctx, 'i')).id, 'i')
  await assert.rejects(glance(t, url, `cafile = ${file('ca.pem')}`).showImage(ctx, 'i'), (err) => isClientError(err, 'unreachable'))
})

test('a file that is not there is named', { skip }, async (t) => {
  const missing = glance(t, 'https://127.0.0.1:1', 'cafile = /nowhere/ca.pem')
  for (const _ of [1, 2])
    await assert.rejects(missing.showImage(ctx, 'i'), (err) => isClientError(err, 'configuration') && /\/nowhere\/ca.pem/.test(err.message))
})
