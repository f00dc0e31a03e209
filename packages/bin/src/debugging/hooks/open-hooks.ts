import type { ParsedConfig } from '@micronova/config'
import { type Clock, systemRandom } from '@micronova/lifecycle'
import type { NotificationPriority, Transport } from '@micronova/messaging'
import { noHooks, type ServiceHooks } from '@micronova/rpcapi'
import { serviceOptions } from '@micronova/service'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import type { Notifications } from '../../notifications.js'
import type { OpenedProgram } from '../../open-program.js'
import { callNotificationOptions } from '../options.js'
import { declaredDecorators } from './declared.js'
import { loadHooks } from './load-hooks.js'
import { type Patch, planPatches } from './plan.js'

/** @throws CommandFailed if what monkey_patch_modules asks for does not exist, as far as that can be told without a look at its files */
export function patchesOf(config: ParsedConfig): readonly Patch[] {
  const { monkey_patch: isOn, monkey_patch_modules: entries } = config.section(serviceOptions)
  return isOn ? planPatches(entries, declaredDecorators) : []
}

export interface OpenHooksOptions {
  readonly host: string
  readonly backdoorPort: ServiceHooks['backdoorPort']
  readonly notifications: Notifications
  /** Notifications go there unless they have one of their own. */
  readonly transport: Transport
  readonly registry: ObjectRegistry
}

/** What the configuration has put around a service. Nothing is wrapped unless `monkey_patch` is on. */
export async function openHooks(
  program: Pick<OpenedProgram<unknown>, 'inspection' | 'config' | 'logging' | 'steps'> & { readonly clock: Clock },
  { host, backdoorPort, notifications, transport, registry }: OpenHooksOptions,
): Promise<ServiceHooks> {
  const { inspection, config, logging, steps, clock } = program
  const patches = patchesOf(config)
  if (patches.length === 0) return { ...noHooks, backdoorPort }
  const { default_level: level, default_publisher_id: publisherId } = config.section(callNotificationOptions)
  const wrappers = await steps.run('monkey_patch', () => {
    return loadHooks(
      {
        log: logging.getLogger('nova.utils'),
        clock,
        random: systemRandom,
        registry,
        transport: notifications.transport ?? transport,
      },
      {
        patches,
        module: `${inspection.program.replace('-', '.')}.manager`,
        notifications: notifications.settings,
        publisherId: publisherId ?? `api.${host}`,
        // The choices of the option are judged when the file is read.
        priority: level.toLowerCase() as NotificationPriority,
      },
    )
  })
  return { ...wrappers, backdoorPort }
}
