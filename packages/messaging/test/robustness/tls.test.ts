import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { needs, temporaryFolder } from '@micronova/testing'
import { openTransport, plainSerializer, type TestContext, uniqueName } from '../harness.js'
import { startProxy } from './tcp-proxy.js'

const rabbit = await needs('rabbitmq')
const brokerPort = Number(new URL(rabbit.url).port)
const skip = rabbit.skip || (hasOpenssl() ? false : 'openssl is not installed')

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** A broker behind TLS whose certificate, signed by itself, is for `name`. */
async function startTlsBroker(t: TestContext, name: string): Promise<{ readonly port: number; readonly caFile: string }> {
  const folder = temporaryFolder(t)
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      cert,
      ...subject,
    ],
    {
      stdio: 'ignore',
    },
  )
  const proxy = await startProxy(t, brokerPort, { key: readFileSync(key), cert: readFileSync(cert) })
  return { port: proxy.port, caFile: cert }
}

/** Send something; resolves when it has been sent, or with the line that says why it could not be. */
async function trySending(t: TestContext, url: string): Promise<string> {
  const { transport, log } = openTransport(t, url, { controlExchange: uniqueName('exchange'), rabbit: { autoDelete: true } })
  const client = transport.client({ topic: 'nobody', fanout: true }, { serializer: plainSerializer })
  const sent = client.cast({}, 'm', {}).then(
    () => 'sent',
    () => 'not sent', // the transport was stopped at the end of the test
  )
  const failed = log.seen(/is unreachable/).then(() => log.matching(/is unreachable/)[0] as string)
  return Promise.race([sent, failed])
}

test('a broker with the right name and a known authority is trusted', { skip, timeout: 20_000 }, async (t) => {
  const { port, caFile } = await startTlsBroker(t, 'localhost')
  assert.equal(await trySending(t, `rabbit://guest:guest@localhost:${port}/?ssl=true&ssl_ca_file=${caFile}`), 'sent')
  assert.equal(await trySending(t, `rabbit://guest:guest@localhost:${port}/?ssl=true&ssl_ca_file=${caFile}&ssl_version=TLSv1_2`), 'sent')
})

test('a certificate for another host is refused, unless the URL says so', { skip, timeout: 20_000 }, async (t) => {
  const { port, caFile } = await startTlsBroker(t, 'broker.example')
  const url = `rabbit://guest:t0psecret@localhost:${port}/?ssl=true&ssl_ca_file=${caFile}`
  const refusal = await trySending(t, url)
  assert.match(refusal, /Hostname\/IP does not match certificate's altnames/)
  assert.doesNotMatch(refusal, /t0psecret|\n/)
  assert.equal(await trySending(t, `${url.replace('t0psecret', 'guest')}&ssl_enforce_hostname_verification=false`), 'sent')
})

test('an unknown authority is refused, whether or not names are verified', { skip, timeout: 20_000 }, async (t) => {
  const { port } = await startTlsBroker(t, 'localhost')
  for (const query of ['ssl=true', 'ssl=true&ssl_enforce_hostname_verification=false'])
    assert.match(await trySending(t, `rabbit://guest:guest@localhost:${port}/?${query}`), /self-signed certificate/)
})

test('a file of certificates that is missing is named', { skip, timeout: 20_000 }, async (t) => {
  const { port } = await startTlsBroker(t, 'localhost')
  assert.match(
    await trySending(t, `rabbit://guest:guest@localhost:${port}/?ssl=true&ssl_ca_file=/nonexistent/ca.pem`),
    /\/nonexistent\/ca\.pem/,
  )
})
