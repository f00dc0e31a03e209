import { type BrokerProbe, parseTransportUrl, probeBrokers, type TransportOptions } from '@micronova/messaging'
import { type Check, type Finding, failed, ok, warning, worstOf } from '../check.js'

/** @param name of the option */
export function broker(name: string, url: string, options: TransportOptions): Check {
  return {
    name,
    async run(signal) {
      const parsed = parseTransportUrl(url)
      if (parsed.scheme === 'memory')
        return warning(
          'memory:// is within one process: no other service is reached over it',
          'name a RabbitMQ, rabbit://user:password@host/',
        )
      return judgeBrokers(await probeBrokers(parsed, options, signal), { virtualHost: parsed.virtualHost })
    },
  }
}

/** One host that works is enough for a service; the others should. */
export function judgeBrokers(probes: readonly BrokerProbe[], where: { readonly virtualHost: string }): Finding {
  const findings = probes.map((probe) => judgeBroker(probe, where))
  if (!findings.some(({ status }) => status === 'ok')) return worstOf(findings)
  return worstOf(findings.map((finding) => (finding.status === 'failed' ? { ...finding, status: 'warning' } : finding)))
}

function judgeBroker({ address, username, outcome, message }: BrokerProbe, { virtualHost }: { readonly virtualHost: string }): Finding {
  switch (outcome) {
    case 'ok':
      return ok(`${address}, virtual host ${virtualHost}: user ${username} may declare, bind, publish and consume`)
    case 'unreachable':
      return failed(`${address} cannot be reached: ${message}`, 'start RabbitMQ there, or correct host and port in transport_url')
    case 'silent':
      return failed(
        `${address} takes a connection and does not answer`,
        'see whether it is RabbitMQ that listens there, and whether it is well',
      )
    case 'login_refused':
      return failed(`${address}: ${message}`, `correct user and password in transport_url, or: rabbitmqctl change_password ${username}`)
    case 'virtual_host_refused':
      return failed(
        `${address}: virtual host ${virtualHost} is not open to user ${username}: ${message}`,
        `rabbitmqctl add_vhost ${virtualHost}, rabbitmqctl set_permissions -p ${virtualHost} ${username} '.*' '.*' '.*'`,
      )
    case 'not_permitted':
      return failed(
        `${address}: user ${username} lacks a right: ${message}`,
        `rabbitmqctl set_permissions -p ${virtualHost} ${username} '.*' '.*' '.*'`,
      )
    case 'mismatch':
      return failed(
        `${address}: the exchange is there with other properties: ${message}`,
        'give amqp_durable_queues and amqp_auto_delete the values that the other services have, or delete the exchange while none runs',
      )
    case 'failed':
      return failed(
        `${address}: ${message}`,
        'see whether it is RabbitMQ that listens there, and whether it wants TLS ([oslo_messaging_rabbit] ssl)',
      )
  }
}
