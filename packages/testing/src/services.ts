import { connect } from 'node:net'

/** Services that a test may need; named as in MICRONOVA_REQUIRE. */
export type ServiceName = 'rabbitmq' | 'mariadb' | 'postgresql' | 'keystone' | 'placement' | 'neutron' | 'glance' | 'cinder'

const addresses: Readonly<Record<ServiceName, { readonly variable: string; readonly url: string }>> = {
  rabbitmq: { variable: 'MICRONOVA_RABBITMQ_URL', url: 'amqp://guest:guest@127.0.0.1:5672/' },
  mariadb: { variable: 'MICRONOVA_MARIADB_URL', url: 'mysql://root@127.0.0.1:3306/' },
  postgresql: { variable: 'MICRONOVA_POSTGRESQL_URL', url: 'postgresql://postgres@127.0.0.1:5432/postgres' },
  // The addresses of the cloud that `npm run interop` makes; user and password are those of an administrator.
  keystone: { variable: 'MICRONOVA_KEYSTONE_URL', url: 'http://admin:interop@127.0.0.1:25000/' },
  placement: { variable: 'MICRONOVA_PLACEMENT_URL', url: 'http://127.0.0.1:28778/' },
  neutron: { variable: 'MICRONOVA_NEUTRON_URL', url: 'http://127.0.0.1:29696/' },
  glance: { variable: 'MICRONOVA_GLANCE_URL', url: 'http://127.0.0.1:29292/' },
  cinder: { variable: 'MICRONOVA_CINDER_URL', url: 'http://127.0.0.1:28776/' },
}

/**
 * Where `service` answers, or why a test must be skipped. Goes straight into a test's options:
 *
 * @example
 * const rabbit = await needs('rabbitmq')
 * test('...', { skip: rabbit.skip }, async () => connect(rabbit.url))
 *
 * @throws Error if nothing answers and MICRONOVA_REQUIRE names the service: then the file fails
 */
export async function needs(service: ServiceName): Promise<{ readonly url: string; readonly skip: string | false }> {
  const { variable, url: standard } = addresses[service]
  const url = process.env[variable] ?? standard
  const { hostname, port } = new URL(url)
  const answers = await answersAt(hostname, Number(port))
  if (!answers && (process.env['MICRONOVA_REQUIRE'] ?? '').split(',').includes(service))
    throw new Error(`${service} is required and does not answer at ${hostname}:${port}`)
  return { url, skip: answers ? false : `${service} does not answer at ${hostname}:${port}` }
}

function answersAt(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 })
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
    socket.once('timeout', () => settle(false))
  })
}
