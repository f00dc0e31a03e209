import { dirname, join, resolve } from 'node:path'
import { clientsSettings, createServiceProbes } from '@micronova/clients'
import { computeSettings } from '@micronova/compute'
import type { ParsedConfig } from '@micronova/config'
import { apiDatabaseOptions, databaseOptions } from '@micronova/db'
import { type Clock, systemRandom } from '@micronova/lifecycle'
import { logOptions, nullLogger } from '@micronova/log'
import {
  createTransport,
  defaultRabbitOptions,
  notificationOptions,
  parseTransportUrl,
  rabbitOptions,
  rpcOptions,
  transportOptions,
} from '@micronova/messaging'
import { novaErrorCatalogue } from '@micronova/model'
import { serviceOptions } from '@micronova/service'
import { linuxBridgeContext, ovsContext } from '@micronova/vif/privileged'
import { virtOptions } from '@micronova/virt'
import { openPrivsep } from '../../os-vif.js'
import { novaRelease } from '../../parse-args.js'
import type { CheckedConfig } from '../config/check.js'
import type { ServiceChoice } from '../config/services.js'
import type { Reached } from '../reach.js'
import { type Check, type Finding, skipped } from './check.js'
import { broker } from './checks/broker.js'
import { ping } from './checks/conductor.js'
import { configuration } from './checks/configuration.js'
import { database } from './checks/database.js'
import { folder } from './checks/folder.js'
import { hypervisor } from './checks/hypervisor.js'
import { nodeVersion } from './checks/node-version.js'
import { openFiles } from './checks/open-files.js'
import { privilegedHelper } from './checks/privileged-helper.js'
import { programs } from './checks/programs.js'
import { restService } from './checks/rest-service.js'
import { temporaryFolder } from './checks/temporary-folder.js'

export interface ServiceChecksDeps {
  readonly clock: Clock
  readonly environment: Readonly<Record<string, string | undefined>>
}

export interface ServiceChecksOptions {
  readonly checked: CheckedConfig
  readonly service: ServiceChoice
  readonly limitMs: number
}

/** The checks, and how to give back what they have opened. */
export interface Checks {
  readonly checks: readonly Check[]
  close(): Promise<void>
}

/** A reply queue is of no use once the check is over; the shortest life that RabbitMQ surely outlasts a ping with. */
const replyQueueSeconds = 60

/** What there is to ask for a service with this configuration. */
export function serviceChecks(deps: ServiceChecksDeps, { checked, service, limitMs }: ServiceChecksOptions): Checks {
  const machine = [nodeVersion(process.versions.node), openFiles(), configuration(checked)]
  if (checked.problems.some(({ kind }) => kind === 'file')) return { checks: machine, close: async () => {} }
  const { config } = checked
  const closers: (() => Promise<void>)[] = []
  const part = (name: string, make: () => readonly Check[]) => orSkipped(name, make)
  const isCompute = service === 'nova-compute' || service === 'all'
  const hasDatabase = service !== 'nova-compute'
  const path = deps.environment.PATH ?? ''
  const checks = [
    ...machine,
    ...part('folders', () => folders(config, isCompute)),
    ...part('tempdir', () => [temporaryFolder(config.section(serviceOptions).tempdir)]),
    ...part('transport_url', () => brokers(config)),
    ...(hasDatabase ? [...part('database', () => databases(deps, config))] : [given('database', skipped('nova-compute has none'))]),
    ...part('conductor', () => [conductor(deps, config, { service, limitMs })]),
    ...part('keystone', () => restServices(deps, config, closers)),
    ...(isCompute
      ? [
          ...part('hypervisor', () => [hypervisorOf(config, service, path)]),
          ...part('privileged_helper', () => helpers(deps, config)),
          programs(`${path}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`),
        ]
      : []),
  ]
  const close = async () => {
    await Promise.all(closers.map((closer) => closer()))
  }
  return { checks, close }
}

function given(name: string, finding: Finding): Check {
  return { name, run: async () => finding }
}

/** What cannot even be asked with this configuration is reported by its check as what it is. */
function orSkipped(name: string, make: () => readonly Check[]): readonly Check[] {
  try {
    return make()
  } catch (err) {
    return [{ name, run: () => Promise.reject(err) }]
  }
}

function folders(config: ParsedConfig, isCompute: boolean): readonly Check[] {
  const { log_dir: logDir, log_file: logFile } = config.section(logOptions)
  const logFolder = logFile === null ? logDir : dirname(resolve(logDir ?? '', logFile))
  const state = isCompute ? computeSettings(config).statePath : null
  return [
    ...(state === null ? [] : [folder('state_path', state, { isMade: true }), folder('journal', join(state, 'journal'), { isMade: true })]),
    ...(logFolder === null
      ? [given('log_dir', skipped('the log is not written to a file'))]
      : [folder('log_dir', logFolder, { isMade: false })]),
  ]
}

function transport(config: ParsedConfig) {
  const options = transportOptions({ rpc: config.section(rpcOptions), rabbit: config.section(rabbitOptions) })
  return { ...options, clientName: `micronova doctor:${process.pid}` }
}

function brokers(config: ParsedConfig): readonly Check[] {
  const options = transport(config)
  const { transport_url: ofNotifications } = config.section(notificationOptions)
  return [
    broker('transport_url', config.section(rpcOptions).transport_url, options),
    ...(ofNotifications === null ? [] : [broker('notifications', ofNotifications, options)]),
  ]
}

function databases({ clock }: ServiceChecksDeps, config: ParsedConfig): readonly Check[] {
  const { service_down_time: downTime } = config.section(serviceOptions)
  return [databaseOptions, apiDatabaseOptions].map((group) => {
    const name = group === databaseOptions ? 'database' : 'api_database'
    const { connection: url, ...settings } = config.section(group)
    if (url === null) return given(name, skipped(`[${name}] connection is not set`))
    return database({ clock }, { name, url, settings, serviceDownTime: downTime })
  })
}

function conductor(
  { clock }: ServiceChecksDeps,
  config: ParsedConfig,
  { service, limitMs }: { readonly service: ServiceChoice; readonly limitMs: number },
): Check {
  if (service === 'nova-conductor' || service === 'nova-scheduler') return given('conductor', skipped(`${service} waits for none`))
  const url = config.section(rpcOptions).transport_url
  if (parseTransportUrl(url).scheme === 'memory') return given('conductor', skipped('memory:// reaches no other process'))
  const timeoutSeconds = Math.max(1, Math.floor(limitMs / 1000) - 1)
  return ping(clock, async () => openTransport(clock, config, url), {
    name: 'conductor',
    topic: 'conductor',
    silence: `no nova-conductor answered within ${timeoutSeconds} s`,
    mend: 'start nova-conductor with this transport_url: nova-compute waits for it; if transport_url has failed, mend that first',
    timeoutSeconds,
  })
}

const closeMs = 500

function openTransport(clock: Clock, config: ParsedConfig, url: string): Reached {
  const options = transport(config)
  const deps = { log: nullLogger, clock, random: systemRandom, errors: novaErrorCatalogue }
  const rabbit = { ...defaultRabbitOptions, ...options.rabbit, transientQueuesTtlSeconds: replyQueueSeconds }
  const opened = createTransport(url, deps, { ...options, rabbit })
  return { transport: opened, close: () => opened.stop(AbortSignal.timeout(closeMs)) }
}

function restServices({ clock }: ServiceChecksDeps, config: ParsedConfig, closers: (() => Promise<void>)[]): readonly Check[] {
  const deps = { clock, random: systemRandom, log: nullLogger }
  const { probes, close } = createServiceProbes(deps, { settings: clientsSettings(config), program: `micronova-doctor/${novaRelease}` })
  closers.push(close)
  const asked = new Set(probes.map(({ service }) => service))
  const others = (['keystone', 'placement', 'neutron', 'glance', 'cinder'] as const).filter((service) => !asked.has(service))
  return [
    ...probes.map(restService),
    ...others.map((service) =>
      given(service, skipped(service === 'keystone' ? 'no section has credentials' : `[${service}] says not how to reach it`)),
    ),
  ]
}

function hypervisorOf(config: ParsedConfig, service: ServiceChoice, path: string): Check {
  const { compute_driver: driver } = config.section(virtOptions)
  if (driver === null && service === 'all') return given('hypervisor', skipped('compute_driver is not set: no nova-compute uses this file'))
  return hypervisor(driver, path)
}

function helpers({ clock }: ServiceChecksDeps, config: ParsedConfig): readonly Check[] {
  const { ovs, linuxBridge } = openPrivsep(config, { logging: { getLogger: () => nullLogger }, clock })
  return [
    privilegedHelper(ovsContext.section, ovs, ovsContext.capabilities),
    privilegedHelper(linuxBridgeContext.section, linuxBridge, linuxBridgeContext.capabilities),
  ]
}
