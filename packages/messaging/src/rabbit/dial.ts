import { readFile } from 'node:fs/promises'
import { type ChannelModel, connect, credentials, type Options, type SocketOptions } from 'amqplib'
import type { BrokerHost } from '../transport-url.js'
import type { RabbitOptions } from './rabbit-options.js'

/** Silence of the broker during the handshake. Shorter ones would hit a broker that is busy with a whole cloud reconnecting. */
const handshakeTimeoutMs = 10_000

/** Takes what one turn of the event loop writes (`write-batch.ts`); with Node's 16 KiB most of it would go out in small pieces. */
const socketBufferBytes = 1024 * 1024

/** Opens a connection to one host and logs in. */
export type Dial = (host: BrokerHost, connectionName: string) => Promise<ChannelModel>

export function createDial(virtualHost: string, options: RabbitOptions): Dial {
  return async (host, connectionName) => {
    const address: Options.Connect = {
      protocol: options.tls ? 'amqps' : 'amqp',
      hostname: host.hostname,
      port: host.port,
      username: host.username,
      password: host.password,
      vhost: encodeURIComponent(virtualHost), // amqplib decodes it
      heartbeat: options.heartbeatSeconds,
    }
    const socketOptions: SocketOptions & { readonly highWaterMark: number } = {
      noDelay: true,
      highWaterMark: socketBufferBytes,
      timeout: handshakeTimeoutMs,
      credentials: login(host, options.loginMethod),
      clientProperties: clientProperties(connectionName),
      ...(options.tls && (await tlsSettings(options))),
    }
    return connect(address, socketOptions)
  }
}

/** Capabilities and name as py-amqp states them (wire/14-amqp-frames.jsonl); the product is our own. */
function clientProperties(connectionName: string) {
  return {
    product: 'micronova',
    capabilities: { authentication_failure_close: true, 'connection.blocked': true, consumer_cancel_notify: true },
    connection_name: connectionName,
  }
}

function login(host: BrokerHost, method: RabbitOptions['loginMethod']) {
  if (method === 'EXTERNAL') return credentials.external()
  return method === 'PLAIN' ? credentials.plain(host.username, host.password) : credentials.amqplain(host.username, host.password)
}

/** Read anew for each connection, so that a renewed certificate is taken up. */
async function tlsSettings({ tlsCaFile, tlsCertFile, tlsKeyFile, tlsVersion, verifyHostName }: RabbitOptions) {
  const [ca, cert, key] = await Promise.all(
    [tlsCaFile, tlsCertFile, tlsKeyFile].map((file) => (file === null ? undefined : readFile(file))),
  )
  return {
    ...(ca && { ca: [ca] }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(tlsVersion !== null && { minVersion: tlsVersion, maxVersion: tlsVersion }),
    ...(!verifyHostName && { checkServerIdentity: () => undefined }),
  }
}

/** Why a connection could not be made, for a log line: one line, without secrets. */
export function describeDialFailure(err: unknown, host: BrokerHost): string {
  const reason = err instanceof Error ? (err.message || errorCode(err)).split('\n', 1)[0] : String(err)
  return isLoginRefused(err) ? `the login of user '${host.username}' was refused; check transport_url (${reason})` : String(reason)
}

export function isLoginRefused(err: unknown): boolean {
  return err instanceof Error && err.message.includes('ACCESS-REFUSED')
}

const unreachableCodes = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET'])

/** Nothing answered: trying again soon burdens no broker. */
export function isUnreachable(err: unknown): boolean {
  return err instanceof Error && unreachableCodes.has(errorCode(err))
}

function errorCode(err: Error): string {
  return 'code' in err ? String(err.code) : ''
}
