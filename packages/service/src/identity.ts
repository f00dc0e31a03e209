import { basename } from 'node:path'
import { UnknownManager } from './errors.js'
import type { ServiceConfig } from './options.js'
import type { ServiceIdentity } from './service-record.js'

const PREFIX = 'nova-'

/** Nova's managers, by binary (nova 26.2.2, `service.py`, SERVICE_MANAGERS). */
const DEFAULT_MANAGERS: Readonly<Record<string, string>> = {
  'nova-compute': 'nova.compute.manager.ComputeManager',
  'nova-conductor': 'nova.conductor.manager.ConductorManager',
  'nova-scheduler': 'nova.scheduler.manager.SchedulerManager',
}

/** What the creator of a service may fix; what it leaves out follows from the program and the configuration. */
export interface IdentityOptions {
  /** Path or name of the running program: `/usr/bin/nova-compute`. */
  readonly program: string
  /** Default: the last part of `program`. */
  readonly binary?: string
  /** Default: the option `host`. */
  readonly host?: string
  /** Default: what stands after `nova-` in the binary; for nova-compute the option `compute_topic` goes before that. */
  readonly topic?: string
}

/** The name of a service, with Nova's defaults. */
export function identify(options: IdentityOptions, config: ServiceConfig): ServiceIdentity {
  const binary = options.binary ?? basename(options.program)
  const configuredTopic = binary === 'nova-compute' ? config.compute_topic : null
  return {
    host: options.host ?? config.host,
    binary,
    topic: options.topic ?? configuredTopic ?? afterPrefix(binary),
  }
}

/**
 * The manager of `binary` among those of this program, by dotted Python name: the one asked for, else the option
 * `<name>_manager`, else Nova's own. `<name>` is the binary's without `nova-`, as the topic may differ from it.
 *
 * @throws UnknownManager if this program has no manager of that name
 */
export function chooseManager<F>(
  managers: Readonly<Record<string, F>>,
  binary: string,
  asked: string | undefined,
  config: ServiceConfig,
): { readonly name: string; readonly create: F } {
  const name = asked ?? configuredManager(binary, config) ?? DEFAULT_MANAGERS[binary] ?? null
  const create = name !== null && Object.hasOwn(managers, name) ? managers[name] : undefined
  if (name === null || create === undefined) throw new UnknownManager(binary, name, Object.keys(managers))
  return { name, create }
}

function configuredManager(binary: string, config: ServiceConfig): string | null {
  switch (binary) {
    case 'nova-compute':
      return config.compute_manager
    case 'nova-conductor':
      return config.conductor_manager
    case 'nova-scheduler':
      return config.scheduler_manager
    default:
      return null
  }
}

function afterPrefix(binary: string): string {
  const at = binary.lastIndexOf(PREFIX)
  return at === -1 ? binary : binary.slice(at + PREFIX.length)
}
