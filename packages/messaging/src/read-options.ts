import type { OptionSpec, Section } from '@micronova/config'
import type { TransportOptions } from './create-transport.js'
import { ConfigurationError, InvalidTransportUrl } from './errors.js'
import { type notificationOptions, rabbitOptions, type rpcOptions } from './options.js'
import type { RabbitOptions } from './rabbit/rabbit-options.js'
import type { NotifierOptions } from './transport.js'

export interface MessagingSections {
  readonly rpc: Section<typeof rpcOptions>
  readonly rabbit: RabbitSection
}

type RabbitSection = Section<typeof rabbitOptions>

/** What an option of the file means to the driver. Those without an entry have no effect here. */
type Reader<T> = (value: T) => Partial<RabbitOptions>

const readers: { readonly [K in keyof RabbitSection]?: Reader<RabbitSection[K]> } = {
  amqp_durable_queues: (durableQueues) => ({ durableQueues }),
  amqp_auto_delete: (autoDelete) => ({ autoDelete }),
  rabbit_ha_queues: (haQueues) => ({ haQueues }),
  rabbit_quorum_queue: (quorumQueue) => ({ quorumQueue }),
  rabbit_quorum_delivery_limit: (quorumDeliveryLimit) => ({ quorumDeliveryLimit }),
  rabbit_quroum_max_memory_length: (quorumMaxMemoryLength) => ({ quorumMaxMemoryLength }),
  rabbit_quroum_max_memory_bytes: (quorumMaxMemoryBytes) => ({ quorumMaxMemoryBytes }),
  rabbit_transient_queues_ttl: (transientQueuesTtlSeconds) => ({ transientQueuesTtlSeconds }),
  enable_cancel_on_failover: (cancelOnFailover) => ({ cancelOnFailover }),
  rabbit_qos_prefetch_count: (prefetchCount) => ({ prefetchCount }),
  heartbeat_timeout_threshold: (heartbeatSeconds) => ({ heartbeatSeconds: Math.max(0, heartbeatSeconds) }),
  rabbit_retry_interval: (retryIntervalSeconds) => ({ retryIntervalSeconds }),
  rabbit_retry_backoff: (retryBackoffSeconds) => ({ retryBackoffSeconds }),
  rabbit_interval_max: (retryIntervalMaxSeconds) => ({ retryIntervalMaxSeconds }),
  kombu_reconnect_delay: (reconnectDelaySeconds) => ({ reconnectDelaySeconds }),
  kombu_failover_strategy: (strategy) => ({ failoverStrategy: strategy === 'shuffle' ? 'shuffle' : 'round-robin' }),
  kombu_missing_consumer_retry_timeout: (missingConsumerRetrySeconds) => ({ missingConsumerRetrySeconds }),
  kombu_compression: (compression) => ({ compression: readCompression(compression) }),
  direct_mandatory_flag: (directMandatory) => ({ directMandatory }),
  rabbit_login_method: (method) => ({ loginMethod: readLoginMethod(method) }),
  ssl: (tls) => ({ tls }),
  ssl_ca_file: (file) => ({ tlsCaFile: file || null }),
  ssl_cert_file: (file) => ({ tlsCertFile: file || null }),
  ssl_key_file: (file) => ({ tlsKeyFile: file || null }),
  ssl_version: (version) => ({ tlsVersion: readTlsVersion(version) }),
  ssl_enforce_fips_mode: (isWanted) => {
    if (isWanted) throw unsupported('ssl_enforce_fips_mode', 'true')
    return {}
  },
}

/**
 * The options of a transport, from the configuration.
 *
 * @throws ConfigurationError if an option has a value that is not supported
 */
export function transportOptions({ rpc, rabbit }: MessagingSections): TransportOptions {
  return {
    controlExchange: rpc.control_exchange,
    responseTimeoutSeconds: rpc.rpc_response_timeout,
    maxInHand: rpc.executor_thread_pool_size,
    pingEnabled: rpc.rpc_ping_enabled,
    rabbit: readRabbit(rabbit),
  }
}

/** How to notify. @throws ConfigurationError at a driver that we do not have */
export function notifierOptions(
  section: Section<typeof notificationOptions>,
): Pick<NotifierOptions<unknown>, 'drivers' | 'topics' | 'retry'> {
  return { drivers: section.driver.map(readDriver), topics: section.topics, retry: section.retry }
}

/**
 * The options that the query of a `transport_url` sets. They come before those of the file.
 *
 * Host names are verified whatever the file says, as upstream's default of false is no decision of the operator;
 * `ssl_enforce_hostname_verification=false` in the URL is one.
 *
 * @throws InvalidTransportUrl if an option is unknown or a value not of its type
 * @throws ConfigurationError if a value is not supported
 */
export function rabbitOptionsOfQuery(query: Readonly<Record<string, string>>): Partial<RabbitOptions> {
  const section = Object.fromEntries(Object.entries(query).map(([name, text]) => [name, convert(name, text)]))
  const verifyHostName = section.ssl_enforce_hostname_verification
  return { ...readRabbit(section), ...(typeof verifyHostName === 'boolean' && { verifyHostName }) }
}

function readRabbit(section: Readonly<Record<string, unknown>>): Partial<RabbitOptions> {
  const parts = Object.entries(readers).map(([name, read]) => (name in section ? (read as Reader<unknown>)(section[name]) : {}))
  return Object.assign({}, ...parts)
}

function readDriver(name: string): NotifierOptions<unknown>['drivers'][number] {
  if (name === 'messaging' || name === 'messagingv2' || name === 'log' || name === 'noop') return name
  throw new ConfigurationError(`[oslo_messaging_notifications] driver: '${name}' is not one of messaging, messagingv2, log, noop`)
}

function readTlsVersion(text: string): RabbitOptions['tlsVersion'] {
  switch (text.toLowerCase()) {
    case '':
    case 'sslv23':
      return null
    case 'tlsv1':
      return 'TLSv1'
    case 'tlsv1_1':
      return 'TLSv1.1'
    case 'tlsv1_2':
      return 'TLSv1.2'
    default:
      throw unsupported('ssl_version', text)
  }
}

function readLoginMethod(text: string): RabbitOptions['loginMethod'] {
  if (text === 'AMQPLAIN' || text === 'PLAIN' || text === 'EXTERNAL') return text
  throw unsupported('rabbit_login_method', text)
}

function readCompression(text: string | null): RabbitOptions['compression'] {
  if (text === null || text === '') return null
  if (text === 'gzip' || text === 'zlib') return 'gzip' // kombu's two names of one format
  throw unsupported('kombu_compression', text)
}

function unsupported(option: string, value: string): ConfigurationError {
  return new ConfigurationError(`[oslo_messaging_rabbit] ${option} = ${value} is not supported`)
}

function convert(name: string, text: string): unknown {
  const specs: Readonly<Record<string, OptionSpec>> = rabbitOptions.options
  const spec = Object.hasOwn(specs, name) ? specs[name] : undefined
  if (spec === undefined) throw new InvalidTransportUrl(`transport_url: '${name}' is no option of [oslo_messaging_rabbit]`)
  if (spec.type === 'Boolean') return convertBoolean(name, text)
  if (spec.type === 'Integer' || spec.type === 'Float') return convertNumber(name, text, spec)
  return text
}

function convertBoolean(name: string, text: string): boolean {
  if (/^(1|t|true|on|y|yes)$/i.test(text)) return true
  if (/^(0|f|false|off|n|no)$/i.test(text)) return false
  throw new InvalidTransportUrl(`transport_url: ${name} is '${text}', which is not a boolean`)
}

function convertNumber(name: string, text: string, { type, limits }: OptionSpec): number {
  const value = Number(text)
  const isFitting = text.trim() !== '' && (type === 'Float' ? Number.isFinite(value) : Number.isSafeInteger(value))
  if (!isFitting || value < (limits.min ?? Number.NEGATIVE_INFINITY) || value > (limits.max ?? Number.POSITIVE_INFINITY))
    throw new InvalidTransportUrl(`transport_url: ${name} is '${text}', which is not a number that it may have`)
  return value
}
