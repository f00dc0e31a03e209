import { hostname, networkInterfaces } from 'node:os'
import {
  type ConfigSources,
  type Defaults,
  defineOptions,
  type OptionGroup,
  opt,
  type ParseConfigOptions,
  type ParsedConfig,
  parseConfig,
  systemSources,
  zedCatalogue,
} from '@micronova/config'
import { clientDebugLevels, logOptions } from '@micronova/log'
import { hostOptions } from '@micronova/service'
import { implementedOptions } from './implemented-options.js'

/** The release whose behaviour, options and wire these programs have. First line of `--version`, as upstream prints it. */
export const novaRelease = '26.2.2'
/** Second line of `--version`. */
export const micronovaRelease = '0.1.0'

export interface ParseArgsOptions<Rpc, Db> {
  /** As in `nova-compute`. */
  readonly program: string
  /** One sentence for `--help`. */
  readonly description?: string
  /** The options of every package that the program is made of. Those of the log, `host` and the paths need not be among them. */
  readonly groups: readonly OptionGroup[]
  /** Of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Read in place of /etc/nova/nova.conf and its kind where the command line has no `--config-file`. */
  readonly defaultConfigFiles?: readonly string[]
  /** Added to what Nova changes in the defaults of its libraries. */
  readonly defaults?: Defaults
  /** Opens the transports. Called once everything that was read is right; without it there is no RPC. */
  readonly initRpc?: (config: ParsedConfig) => Rpc | Promise<Rpc>
  /** Sets up the database, after RPC. A program that reaches its data through the conductor has none. */
  readonly configureDb?: (config: ParsedConfig) => Db | Promise<Db>
  /** Where options are read from. Default: this machine. */
  readonly sources?: ConfigSources
}

export type ParsedArgs<Rpc, Db> =
  | {
      readonly kind: 'config'
      readonly config: ParsedConfig
      /** For the log, once it is open: one sentence each. */
      readonly warnings: readonly string[]
      /** `logger=LEVEL` pairs that come after default_log_levels. */
      readonly extraLogLevels: readonly string[]
      readonly rpc: Rpc | undefined
      readonly db: Db | undefined
    }
  /** `--help` or `--version`: print it and end well. */
  | { readonly kind: 'text'; readonly text: string }

/**
 * The one way in of every program: log options and Nova's own defaults, then command line, files and environment, then
 * RPC and database if they are asked for.
 *
 * @param argv without the program's name
 * @throws ConfigError, whose `exitStatus` is that of the program; nothing has been opened then
 * @see nova 26.2.2, `config.py`, `parse_args`
 */
export async function parseArgs<Rpc = undefined, Db = undefined>(
  argv: readonly string[],
  options: ParseArgsOptions<Rpc, Db>,
): Promise<ParsedArgs<Rpc, Db>> {
  const { initRpc, configureDb } = options
  const outcome = parseConfig(argv, configOptions(options))
  if (outcome.kind === 'help') return { kind: 'text', text: outcome.text }
  if (outcome.kind === 'version') return { kind: 'text', text: `${novaRelease}\nmicronova ${micronovaRelease}\n` }
  const { config } = outcome
  const rpc = await initRpc?.(config)
  const db = await configureDb?.(config)
  return { kind: 'config', config, warnings: config.warnings, extraLogLevels: debugLevels(config), rpc, db }
}

/** How a program's configuration is read. */
export function configOptions(options: Omit<ParseArgsOptions<unknown, unknown>, 'initRpc' | 'configureDb'>): ParseConfigOptions {
  const { program, description, groups, environment, defaultConfigFiles, defaults = {}, sources } = options
  return {
    program,
    groups: [logging, hostOptions(hostname()), pathOptions, ...clientOptions, ...groups.filter((group) => group !== logOptions)],
    catalogue: zedCatalogue,
    defaults: merged(novaDefaults, defaults),
    readElsewhere: implementedOptions,
    sources: sources ?? systemSources(environment),
    ...(description === undefined ? {} : { description }),
    ...(defaultConfigFiles === undefined ? {} : { defaultConfigFiles }),
  }
}

const logging: OptionGroup = { ...logOptions, title: 'Logging' }

/** What other defaults refer to. */
const pathOptions = defineOptions('DEFAULT', {
  pybasedir: opt.string({
    default: '/usr/lib/python3/dist-packages',
    sampleDefault: '<Path>',
    help: "Folder of Nova's Python modules, for values that refer to it.",
  }),
})

const [glanceOptions, cinderOptions] = [
  defineOptions('glance', { debug: opt.boolean({ default: false, help: 'Log what the client of Glance does at level DEBUG.' }) }),
  defineOptions('cinder', { debug: opt.boolean({ default: false, help: 'Log what the client of Cinder does at level DEBUG.' }) }),
]
const clientOptions = [glanceOptions, cinderOptions]

function debugLevels(config: ParsedConfig): string[] {
  return clientDebugLevels({ glance: config.section(glanceOptions).debug, cinder: config.section(cinderOptions).debug })
}

/**
 * What Nova changes in the defaults of its libraries, and the defaults that belong to the machine.
 *
 * @see nova 26.2.2, `config.py`, `set_lib_defaults`; `middleware.py`; `policy.py`
 */
const novaDefaults: Defaults = {
  DEFAULT: {
    control_exchange: 'nova',
    console_host: () => hostname(),
    my_ip: firstAddress,
  },
  cors: {
    allow_methods: ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'],
    allow_headers: [
      'X-Auth-Token',
      'X-Openstack-Request-Id',
      'X-Identity-Status',
      'X-Roles',
      'X-Service-Catalog',
      'X-User-Id',
      'X-Tenant-Id',
      'X-OpenStack-Nova-API-Version',
      'OpenStack-API-Version',
    ],
    expose_headers: [
      'X-Auth-Token',
      'X-Openstack-Request-Id',
      'X-Subject-Token',
      'X-Service-Token',
      'X-OpenStack-Nova-API-Version',
      'OpenStack-API-Version',
    ],
  },
  oslo_policy: { policy_file: 'policy.yaml' },
}

function firstAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'
}

function merged(ours: Defaults, theirs: Defaults): Defaults {
  const groups = new Set([...Object.keys(ours), ...Object.keys(theirs)])
  return Object.fromEntries([...groups].map((group) => [group, { ...ours[group], ...theirs[group] }]))
}
