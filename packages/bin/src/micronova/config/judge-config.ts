import { clientsSettings } from '@micronova/clients'
import { ConfigError, type ParsedConfig } from '@micronova/config'
import { apiDatabaseOptions, databaseOptions, parseDatabaseUrl } from '@micronova/db'
import { systemClock } from '@micronova/lifecycle'
import { type Logger, nullLogger } from '@micronova/log'
import {
  notificationOptions,
  notifierOptions,
  parseTransportUrl,
  rabbitOptions,
  rabbitOptionsOfQuery,
  rpcOptions,
  transportOptions,
} from '@micronova/messaging'
import { checkUpgradeLevels, upgradeLevelOptions } from '@micronova/rpcapi'
import { schedulerOptions } from '@micronova/scheduler'
import { checkWorkers, conductorWorkersOptions, serviceDownTime, serviceOptions } from '@micronova/service'
import { loadVirtDriver, virtOptions } from '@micronova/virt'
import { isMendable } from '../../error-text.js'
import { checkClients, conductorUrls } from '../../nova-conductor.js'
import { databaseUrls } from '../../nova-databases.js'
import { openPrivsep } from '../../os-vif.js'
import { CommandFailed } from '../../usage-error.js'
import type { ServiceChoice, ServiceName } from './services.js'

/** What a service finds wrong with options that are of the right type each. */
export interface Objection {
  readonly severity: 'error' | 'warning'
  /** The option that it is about; null: several, which the message names. */
  readonly option: { readonly group: string; readonly name: string } | null
  readonly message: string
}

/** @throws what the service would end with */
interface Judgement {
  readonly option?: { readonly group: string; readonly name: string }
  judge(config: ParsedConfig, warn: (message: string) => void): unknown
}

const option = (group: string, name: string) => ({ group, name })

const common: readonly Judgement[] = [
  {
    option: option('DEFAULT', 'transport_url'),
    judge(config, warn) {
      const url = parseTransportUrl(config.section(rpcOptions).transport_url)
      if (url.scheme === 'rabbit') rabbitOptionsOfQuery(url.query)
      else warn('memory:// is a bus within one process: no other service can be reached over it')
    },
  },
  { judge: (config) => transportOptions({ rpc: config.section(rpcOptions), rabbit: config.section(rabbitOptions) }) },
  {
    option: option('oslo_messaging_notifications', 'transport_url'),
    judge(config) {
      const { transport_url: url } = config.section(notificationOptions)
      if (url !== null) parseTransportUrl(url)
    },
  },
  {
    option: option('oslo_messaging_notifications', 'driver'),
    judge: (config) => notifierOptions(config.section(notificationOptions)),
  },
  {
    option: option('DEFAULT', 'service_down_time'),
    judge: (config, warn) => serviceDownTime(config.section(serviceOptions), warningTo(warn)),
  },
]

const clients: Judgement = { judge: (config) => clientsSettings(config) }

const computeDriver: Judgement = {
  option: option('DEFAULT', 'compute_driver'),
  judge: (config) => loadVirtDriver({ log: nullLogger }, { computeDriver: config.section(virtOptions).compute_driver }),
}

const privsep: Judgement = {
  judge: (config, warn) => openPrivsep(config, { logging: { getLogger: () => warningTo(warn) }, clock: systemClock }),
}

const upgradeLevels: Judgement = { judge: (config) => checkUpgradeLevels(config.section(upgradeLevelOptions)) }

const ofService: Readonly<Record<ServiceName, readonly Judgement[]>> = {
  'nova-compute': [clients, computeDriver, privsep],
  'nova-conductor': [
    { judge: checkClients },
    { judge: conductorUrls },
    upgradeLevels,
    {
      option: option('conductor', 'workers'),
      judge: (config) => checkWorkers(config.section(conductorWorkersOptions).workers),
    },
  ],
  'nova-scheduler': [
    { judge: databaseUrls },
    {
      judge(config) {
        if (clientsSettings(config).placement.credentials === null)
          throw new CommandFailed('the option auth_type of the group placement is required and not set')
      },
    },
    {
      option: option('scheduler', 'workers'),
      judge: (config) => checkWorkers(config.section(schedulerOptions).workers || null),
    },
  ],
}

/** A file for any of the services need not have what only one of them requires; what it has must be right. */
const ofAll: readonly Judgement[] = [
  clients,
  {
    ...computeDriver,
    judge: (config, warn) => config.section(virtOptions).compute_driver !== null && computeDriver.judge(config, warn),
  },
  privsep,
  upgradeLevels,
  ...[databaseOptions, apiDatabaseOptions].map(
    (group): Judgement => ({
      option: option(group.group, 'connection'),
      judge(config) {
        const { connection, connection_parameters: parameters } = config.section(group)
        if (connection !== null) parseDatabaseUrl(connection, parameters)
      },
    }),
  ),
]

/** All that a service would refuse to start with, or warn of, though each value is one that its option may have. Opens nothing. */
export function judgeConfig(config: ParsedConfig, service: ServiceChoice): readonly Objection[] {
  const judgements = [...common, ...(service === 'all' ? ofAll : ofService[service])]
  return judgements.flatMap(({ option = null, judge }): Objection[] => {
    const objections: Objection[] = []
    try {
      judge(config, (message) => objections.push({ severity: 'warning', option, message }))
    } catch (err) {
      if (err instanceof ConfigError) return objections // a wrong value, which was found before
      if (!isMendable(err)) throw err
      objections.push({ severity: 'error', option, message: err.message })
    }
    return objections
  })
}

function warningTo(warn: (message: string) => void): Logger {
  const log: Logger = { ...nullLogger, child: () => log, warning: (message) => warn(message) }
  return log
}
