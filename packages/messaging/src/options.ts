import { defineOptions, opt } from '@micronova/config'

/** Options of `[DEFAULT]`. */
export const rpcOptions = defineOptions('DEFAULT', {
  transport_url: opt.string({
    default: 'rabbit://',
    secret: true,
    help: 'The message bus: rabbit://user:password@host:port[,user:password@host:port...]/vhost?option=value, or memory:// for a bus within the process.',
  }),
  control_exchange: opt.string({ default: 'nova', help: 'Topic exchange of all requests and notifications whose target names no other.' }),
  rpc_response_timeout: opt.integer({ default: 60, help: 'Seconds to wait for the reply to a call.' }),
  executor_thread_pool_size: opt.integer({
    default: 64,
    help: 'Requests that a server works on at once; further ones wait in the broker.',
    deprecatedNames: [{ name: 'rpc_thread_pool_size', group: 'DEFAULT' }],
  }),
  rpc_ping_enabled: opt.boolean({ default: false, help: 'Answer oslo_rpc_server_ping on every RPC server.' }),
  rpc_conn_pool_size: opt.integer({
    default: 30,
    min: 1,
    help: 'Largest number of connections for sending. Without effect: one connection sends everything.',
    deprecatedNames: [{ name: 'rpc_conn_pool_size', group: 'DEFAULT' }],
  }),
  conn_pool_min_size: opt.integer({ default: 2, help: 'Smallest number of connections for sending. Without effect.' }),
  conn_pool_ttl: opt.integer({ default: 1200, help: 'Seconds after which an idle connection for sending is closed. Without effect.' }),
})

/** Options of `[oslo_messaging_rabbit]`; the query of `transport_url` overrides them. */
export const rabbitOptions = defineOptions('oslo_messaging_rabbit', {
  amqp_durable_queues: opt.boolean({ default: false, help: 'Declare topic exchanges and queues as durable.' }),
  amqp_auto_delete: opt.boolean({
    default: false,
    help: 'Let the broker delete topic exchanges and queues that nobody uses any more.',
    deprecatedNames: [{ name: 'amqp_auto_delete', group: 'DEFAULT' }],
  }),
  ssl: opt.boolean({
    default: false,
    help: 'Connect with TLS. The certificate of the broker and the name in it are verified.',
    deprecatedNames: [{ name: 'rabbit_use_ssl', group: 'oslo_messaging_rabbit' }],
  }),
  ssl_version: opt.string({
    default: '',
    help: 'Use this version of TLS alone: TLSv1, TLSv1_1 or TLSv1_2; SSLv23 leaves the choice open.',
    deprecatedNames: [{ name: 'kombu_ssl_version', group: 'oslo_messaging_rabbit' }],
  }),
  ssl_key_file: opt.string({
    default: '',
    help: 'Private key of the client certificate, PEM.',
    deprecatedNames: [{ name: 'kombu_ssl_keyfile', group: 'oslo_messaging_rabbit' }],
  }),
  ssl_cert_file: opt.string({
    default: '',
    help: 'Client certificate, PEM.',
    deprecatedNames: [{ name: 'kombu_ssl_certfile', group: 'oslo_messaging_rabbit' }],
  }),
  ssl_ca_file: opt.string({
    default: '',
    help: 'Certificates of the authorities that are trusted, PEM. Without it those of the runtime are.',
    deprecatedNames: [{ name: 'kombu_ssl_ca_certs', group: 'oslo_messaging_rabbit' }],
  }),
  ssl_enforce_fips_mode: opt.boolean({
    default: false,
    help: 'Refuse to start without FIPS mode. Not supported: start-up fails if it is set.',
  }),
  ssl_enforce_hostname_verification: opt.boolean({
    default: false,
    help: 'Host names are always verified; only ssl_enforce_hostname_verification=false in the query of transport_url turns that off.',
  }),
  heartbeat_in_pthread: opt.boolean({ default: false, help: 'Without effect: there are no threads to choose from.' }),
  kombu_reconnect_delay: opt.float({
    default: 1.0,
    min: 0,
    max: 4.5,
    help: 'Longest wait in seconds before the first attempt to reconnect; the wait is random.',
    deprecatedNames: [{ name: 'kombu_reconnect_delay', group: 'DEFAULT' }],
  }),
  kombu_compression: opt.string({ help: 'Compress messages: gzip. Others are not supported. By default nothing is compressed.' }),
  kombu_missing_consumer_retry_timeout: opt.integer({
    default: 60,
    help: 'Seconds to go on trying to send a reply whose queue is missing.',
    deprecatedNames: [{ name: 'kombu_reconnect_timeout', group: 'oslo_messaging_rabbit' }],
  }),
  kombu_failover_strategy: opt.string({
    default: 'round-robin',
    choices: ['round-robin', 'shuffle'],
    help: 'Order in which the hosts of transport_url are tried.',
  }),
  rabbit_login_method: opt.string({
    default: 'AMQPLAIN',
    choices: ['PLAIN', 'AMQPLAIN', 'EXTERNAL', 'RABBIT-CR-DEMO'],
    help: 'How to log in. RABBIT-CR-DEMO is not supported.',
    deprecatedNames: [{ name: 'rabbit_login_method', group: 'DEFAULT' }],
  }),
  rabbit_retry_interval: opt.integer({ default: 1, help: 'Seconds to wait after the first failed attempt to connect.' }),
  rabbit_retry_backoff: opt.integer({
    default: 2,
    help: 'Seconds by which that wait grows with each attempt that the broker refuses.',
    deprecatedNames: [{ name: 'rabbit_retry_backoff', group: 'DEFAULT' }],
  }),
  rabbit_interval_max: opt.integer({
    default: 30,
    help: 'Longest wait in seconds. While no host answers at all, it is 3 seconds at most.',
  }),
  rabbit_ha_queues: opt.boolean({
    default: false,
    help: 'Ask for mirrored queues (x-ha-policy: all). RabbitMQ 3.0 and later do that by policy.',
    deprecatedNames: [{ name: 'rabbit_ha_queues', group: 'DEFAULT' }],
  }),
  rabbit_quorum_queue: opt.boolean({ default: false, help: 'Declare topic queues as quorum queues. Excludes rabbit_ha_queues.' }),
  rabbit_quorum_delivery_limit: opt.integer({ default: 0, help: 'Deliveries after which a quorum queue drops a message; 0: no limit.' }),
  rabbit_quroum_max_memory_length: opt.integer({ default: 0, help: 'Messages of a quorum queue kept in memory; 0: no limit.' }),
  rabbit_quroum_max_memory_bytes: opt.integer({ default: 0, help: 'Bytes of a quorum queue kept in memory; 0: no limit.' }),
  rabbit_transient_queues_ttl: opt.integer({
    default: 1800,
    min: 1,
    help: 'Seconds after which reply and fanout queues without a consumer expire.',
  }),
  rabbit_qos_prefetch_count: opt.integer({
    default: 0,
    help: 'Unacknowledged messages that the broker may deliver from each queue; 0: as many as executor_thread_pool_size.',
  }),
  heartbeat_timeout_threshold: opt.integer({
    default: 60,
    help: 'Seconds of silence after which the broker counts as gone; 0: no heartbeats.',
  }),
  heartbeat_rate: opt.integer({ default: 2, help: 'Heartbeats within that time. Without effect: it is two.' }),
  direct_mandatory_flag: opt.boolean({
    default: true,
    deprecatedForRemoval: true,
    help: 'Let the broker report a reply whose queue is missing, so that it is tried again.',
  }),
  enable_cancel_on_failover: opt.boolean({ default: false, help: 'Let the broker end a consumer whose queue moves to another node.' }),
})

/** Options of `[oslo_messaging_notifications]`. */
export const notificationOptions = defineOptions('oslo_messaging_notifications', {
  driver: opt.multiString({
    default: [],
    help: 'How to send notifications: messagingv2, messaging (without envelope), log, noop. May be given several times.',
    deprecatedNames: [{ name: 'notification_driver', group: 'DEFAULT' }],
  }),
  transport_url: opt.string({
    secret: true,
    help: 'The message bus for notifications; by default that of [DEFAULT].',
    deprecatedNames: [{ name: 'notification_transport_url', group: 'DEFAULT' }],
  }),
  topics: opt.list({
    default: ['notifications'],
    item: { type: 'String' },
    help: 'Topics of notifications; each priority has a queue of its own, such as notifications.info.',
    deprecatedNames: [
      { name: 'topics', group: 'rpc_notifier2' },
      { name: 'notification_topics', group: 'DEFAULT' },
    ],
  }),
  retry: opt.integer({ default: -1, help: 'Further tries to send a notification; -1: without end, 0: none.' }),
})

/** All options of this package. */
export const messagingOptions = [rpcOptions, rabbitOptions, notificationOptions] as const
