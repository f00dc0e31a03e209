/** How we speak to RabbitMQ. Each stands for an option of `[oslo_messaging_rabbit]`, named in its comment. */
export interface RabbitOptions {
  /** `amqp_durable_queues` */
  readonly durableQueues: boolean
  /** `amqp_auto_delete` */
  readonly autoDelete: boolean
  /** `rabbit_ha_queues`: x-ha-policy all, for brokers before 3.0. */
  readonly haQueues: boolean
  /** `rabbit_quorum_queue`, and its limits `rabbit_quorum_delivery_limit`, `rabbit_quroum_max_memory_*`; 0: none. */
  readonly quorumQueue: boolean
  readonly quorumDeliveryLimit: number
  readonly quorumMaxMemoryLength: number
  readonly quorumMaxMemoryBytes: number
  /** `rabbit_transient_queues_ttl`: fanout and reply queues without a consumer expire. */
  readonly transientQueuesTtlSeconds: number
  /** `enable_cancel_on_failover` */
  readonly cancelOnFailover: boolean
  /** `rabbit_qos_prefetch_count`; 0: as many as may be in hand. */
  readonly prefetchCount: number
  /** `heartbeat_timeout_threshold`; 0: no heartbeats. */
  readonly heartbeatSeconds: number
  /** `rabbit_retry_interval`, `rabbit_retry_backoff`, `rabbit_interval_max`, `kombu_reconnect_delay` */
  readonly retryIntervalSeconds: number
  readonly retryBackoffSeconds: number
  readonly retryIntervalMaxSeconds: number
  readonly reconnectDelaySeconds: number
  /** `kombu_failover_strategy` */
  readonly failoverStrategy: 'round-robin' | 'shuffle'
  /** `kombu_missing_consumer_retry_timeout` */
  readonly missingConsumerRetrySeconds: number
  /** `direct_mandatory_flag` */
  readonly directMandatory: boolean
  /** `rabbit_login_method` */
  readonly loginMethod: 'AMQPLAIN' | 'PLAIN' | 'EXTERNAL'
  /** `kombu_compression` */
  readonly compression: 'gzip' | null
  /** `ssl` */
  readonly tls: boolean
  /** `ssl_ca_file`; `null`: the authorities that Node knows. */
  readonly tlsCaFile: string | null
  /** `ssl_cert_file`, `ssl_key_file` */
  readonly tlsCertFile: string | null
  readonly tlsKeyFile: string | null
  /** `ssl_version`: exactly this one; `null`: whatever Node and the broker agree on. */
  readonly tlsVersion: 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | null
  /** False only where the URL says `ssl_enforce_hostname_verification=false`. */
  readonly verifyHostName: boolean
}

export const defaultRabbitOptions: RabbitOptions = {
  durableQueues: false,
  autoDelete: false,
  haQueues: false,
  quorumQueue: false,
  quorumDeliveryLimit: 0,
  quorumMaxMemoryLength: 0,
  quorumMaxMemoryBytes: 0,
  transientQueuesTtlSeconds: 1800,
  cancelOnFailover: false,
  prefetchCount: 0,
  heartbeatSeconds: 60,
  retryIntervalSeconds: 1,
  retryBackoffSeconds: 2,
  retryIntervalMaxSeconds: 30,
  reconnectDelaySeconds: 1,
  failoverStrategy: 'round-robin',
  missingConsumerRetrySeconds: 60,
  directMandatory: true,
  loginMethod: 'AMQPLAIN',
  compression: null,
  tls: false,
  tlsCaFile: null,
  tlsCertFile: null,
  tlsKeyFile: null,
  tlsVersion: null,
  verifyHostName: true,
}
