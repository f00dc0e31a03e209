import { join } from 'node:path'
import { type Clients, clientsOptions, clientsSettings, createClients } from '@micronova/clients'
import { computeOptions, computeSettings, createComputeService, periodicOptions, resourceOptions } from '@micronova/compute'
import { defineOptions, opt, type ParsedConfig } from '@micronova/config'
import { systemRandom } from '@micronova/lifecycle'
import { createTransport, rpcOptions } from '@micronova/messaging'
import { novaErrorCatalogue, novaRegistry } from '@micronova/model'
import { upgradeLevelOptions } from '@micronova/rpcapi'
import { hostOptions, type Servable, type ServiceConfig, serviceOptions } from '@micronova/service'
import { loadVirtDriver, virtOptions } from '@micronova/virt'
import { type Debugging, withDebugging } from './debugging/debugging.js'
import { openHooks } from './debugging/hooks/open-hooks.js'
import { debuggingGroups } from './debugging/options.js'
import { notificationGroups, openNotifications } from './notifications.js'
import { commonProgram, type OpenedProgram, openProgram } from './open-program.js'
import { openOsVif, openPrivsep, osVifGroups } from './os-vif.js'
import { novaRelease } from './parse-args.js'
import type { Program } from './run-service.js'
import { withTransport } from './with-transport.js'

/** Options that belong to the machine or to all calls, read here and handed on. */
export const machineOptions = defineOptions('DEFAULT', {
  my_ip: opt.string({ sampleDefault: '<host_ipv4>', help: 'Address of this host: it stands in the record of the compute node.' }),
  long_rpc_timeout: opt.integer({ default: 1800, help: 'Seconds that a call may take which is known to take long.' }),
})

export const novaComputeGroups = [
  upgradeLevelOptions,
  ...clientsOptions,
  ...notificationGroups,
  ...computeOptions,
  periodicOptions,
  resourceOptions,
  virtOptions,
  ...osVifGroups,
  ...debuggingGroups,
  machineOptions,
]

/** nova-compute: the guests of this host. Reaches the database through the conductor only. */
export async function novaCompute(argv: readonly string[]): Promise<Program | null> {
  const program = await openProgram(argv, {
    name: 'nova-compute',
    description: 'Runs the instances of this host.',
    groups: novaComputeGroups,
  })
  if (program === null) return null
  return { ...commonProgram(program), createService: () => withDebugging(program, (debugging) => createService(program, debugging)) }
}

async function createService(program: OpenedProgram<unknown>, debugging: Debugging): Promise<Servable> {
  const { config, logging, clock, steps, inspection, transport: to } = program
  const deps = { clock, random: systemRandom }
  const transportDeps = {
    ...deps,
    log: logging.getLogger('oslo.messaging'),
    errors: novaErrorCatalogue,
    observer: inspection.rpcObserver,
  }
  const clientName = `nova-compute:${process.pid}`
  const transport = createTransport(to.url, transportDeps, { ...to.options, clientName })
  const helpers = await steps.run('privsep', () => openPrivsep(config, { logging, clock }))
  const registry = await steps.run('objects', () => novaRegistry())
  await steps.run('os_vif', () => openOsVif(config, { logging, helpers }))
  const service = serviceConfig(config)
  const settings = computeSettings(config)
  const driver = await steps.run('load_virt_driver', () =>
    loadVirtDriver(
      { log: logging.getLogger('nova.virt.driver') },
      {
        computeDriver: config.section(virtOptions).compute_driver,
        blockStorageIp: config.section(virtOptions).my_block_storage_ip,
        stateFile: join(settings.statePath, 'fake-guests', `${encodeURIComponent(service.host)}.json`),
      },
    ),
  )
  const notifications = openNotifications(config, transportDeps, to, clientName)
  const { host } = service
  const hooks = await openHooks(program, { ...debugging, host, notifications, transport, registry })
  const clients = openClients(config, 'nova-compute', {
    ...deps,
    log: logging.getLogger('keystoneauth'),
    observer: inspection.restObserver,
  })
  const { my_ip: hostIp, long_rpc_timeout: longSeconds } = config.section(machineOptions)
  const compute = createComputeService(
    {
      ...deps,
      log: logging.getLogger('nova'),
      transport,
      notificationTransport: notifications.transport ?? transport,
      registry,
      steps,
      driver,
      clients,
      hooks,
    },
    {
      service,
      settings,
      periodic: config.section(periodicOptions),
      resources: config.section(resourceOptions),
      hostIp: hostIp ?? '127.0.0.1',
      timeouts: { responseSeconds: config.section(rpcOptions).rpc_response_timeout, longSeconds },
      notifications: notifications.settings,
      upgradeLevels: config.section(upgradeLevelOptions),
      version: novaRelease,
    },
  )
  inspection.show({
    service: compute,
    transports: () => ({ rpc: transport, ...notifications.transports }),
    compute: () => compute.manager.report(),
    places: () => compute.manager.places(),
    requests: () => clients.inFlight(),
    privsep: () => [helpers.ovs.status, helpers.linuxBridge.status],
  })
  const closers = [debugging.close, ...notifications.closers, () => clients.close(), ...helpers.closers]
  return withTransport(compute, transport, ...closers)
}

/** The services beside Nova; nothing is connected before the first request. */
export function openClients(
  config: ParsedConfig,
  program: string,
  deps: Parameters<typeof createClients>[0],
  options: Parameters<typeof clientsSettings>[1] = {},
): Clients {
  return createClients(deps, { settings: clientsSettings(config, options), program: `${program}/${novaRelease}` })
}

/** The options that every service reads, as one object that reads through to the present values. */
export function serviceConfig(config: ParsedConfig): ServiceConfig {
  const host = config.section(hostOptions(''))
  return Object.create(config.section(serviceOptions), { host: { get: () => host.host, enumerable: true } }) as ServiceConfig
}
