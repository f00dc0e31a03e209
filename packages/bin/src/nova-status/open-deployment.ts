import { type Clients, clientsSettings, createClients } from '@micronova/clients'
import { type ConfigSources, defineOptions, opt, type ParsedConfig } from '@micronova/config'
import {
  apiDatabaseOptions,
  countComputeNodes,
  countHostMappings,
  countInstancesWithoutMachineType,
  createApiStores,
  createStores,
  type Database,
  databaseOptions,
  openDatabase,
} from '@micronova/db'
import { type Clock, systemRandom } from '@micronova/lifecycle'
import type { Logging } from '@micronova/log'
import { rpcOptions } from '@micronova/messaging'
import { adminContext, novaRegistry } from '@micronova/model'
import { novaRelease } from '../parse-args.js'
import { CommandFailed } from '../usage-error.js'
import { findBesideConfig } from './policy-path.js'
import type { Deployment } from './upgrade-check.js'

export const policyOptions = defineOptions('oslo_policy', {
  policy_file: opt.string({
    default: 'policy.yaml',
    deprecatedNames: [{ group: 'DEFAULT', name: 'policy_file' }],
    help: 'Rules of the API that differ from the defaults; looked for beside the configuration.',
  }),
})

export interface DeploymentDeps {
  readonly config: ParsedConfig
  readonly logging: Logging
  readonly clock: Clock
  readonly sources: ConfigSources
}

/** The deployment that a configuration describes. */
export interface OpenedDeployment extends Deployment {
  close(): Promise<void>
}

/** Opens each database when it is first asked for. @throws ClientError `configuration` */
export function openDeployment({ config, logging, clock, sources }: DeploymentDeps): OpenedDeployment {
  const deps = { clock, random: systemRandom }
  const settings = clientsSettings(config)
  const clients: Clients = createClients(
    { ...deps, log: logging.getLogger('keystoneauth') },
    { settings, program: `nova-status/${novaRelease}` },
  )
  const ctx = adminContext(deps)
  const storesDeps = { ...deps, log: logging.getLogger('nova.db'), registry: novaRegistry() }
  const databases = new Databases((url, options) => openDatabase(url, storesDeps, options))
  const { connection: mainUrl, ...mainSettings } = config.section(databaseOptions)
  const { connection: apiUrl, ...apiSettings } = config.section(apiDatabaseOptions)
  const transportUrl = config.section(rpcOptions).transport_url
  const api = () => databases.at(required(apiUrl, 'api_database'), apiSettings)
  const cell = (url: string) => databases.at(url, mainSettings)
  return {
    cellMappings: async () => createApiStores(await api(), storesDeps, { databaseUrl: mainUrl, transportUrl }).cellMappings.list(ctx),
    hostMappings: async () => countHostMappings(await api()),
    computeNodes: async () => countComputeNodes(await cell(required(mainUrl, 'database'))),
    lowestCompute: async ({ database_connection: url }) =>
      createStores(await cell(url), storesDeps).services.getMinimumVersion(ctx, 'nova-compute'),
    instancesWithoutMachineType: async ({ database_connection: url }) => countInstancesWithoutMachineType(await cell(url)),
    placement: clients.placement,
    cinder:
      settings.cinder.credentials === null
        ? null
        : { isMicroversionSupported: (microversion) => clients.cinder.isMicroversionSupported(ctx, microversion) },
    policyFile() {
      const path = findBesideConfig(config.section(policyOptions).policy_file, config.files, sources)
      return path === null ? null : new TextDecoder().decode(bytesOf(sources.readFile(path)))
    },
    serviceUser: settings.serviceUser,
    async close() {
      await databases.close()
      await clients.close()
    },
  }
}

function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content
}

function required(url: string | null, group: string): string {
  if (url === null) throw new CommandFailed(`the option connection of the group ${group} is required and not set`)
  return url
}

type Settings = Parameters<typeof openDatabase>[2]

/** Each database once, however many checks ask for it. */
class Databases {
  readonly #open: (url: string, settings: Settings) => Promise<Database>
  readonly #opened = new Map<string, Promise<Database>>()

  constructor(open: (url: string, settings: Settings) => Promise<Database>) {
    this.#open = open
  }

  at(url: string, settings: Settings): Promise<Database> {
    let opened = this.#opened.get(url)
    if (opened === undefined) {
      opened = this.#open(url, settings)
      this.#opened.set(url, opened)
    }
    return opened
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#opened.values())
    await Promise.all(opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value.close()] : [])))
  }
}
