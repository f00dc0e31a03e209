import type { Logger } from '@micronova/log'
import { type Instance, isNovaError, type RequestContext } from '@micronova/model'
import type { PeriodicParts } from './periodic-parts.js'

/** The work of a periodic task on its instances. */
export interface InstanceWork {
  /** Of the task; for the log. */
  readonly name: string
  readonly ctx: RequestContext
  readonly instances: readonly Instance[]
  readonly signal: AbortSignal
  run(instance: Instance, log: Logger): Promise<void>
}

/**
 * One instance after the other. One that fails is logged and keeps no other from its turn; one that is gone, or that an
 * operation has taken over meanwhile, is left alone. The next run of the task is the retry.
 */
export async function eachInstance(parts: Pick<PeriodicParts, 'log'>, { name, ctx, instances, signal, run }: InstanceWork): Promise<void> {
  for (const instance of instances) {
    if (signal.aborted) return
    const log = parts.log.with({ context: ctx, instanceUuid: instance.uuid })
    try {
      await run(instance, log)
    } catch (err) {
      if (isNovaError(err, 'InstanceNotFound') || isNovaError(err, 'InstanceUpdateConflict'))
        log.info(`${name} leaves the instance alone: ${err.message}`)
      else log.error(`${name} failed for the instance`, { err })
    }
  }
}

/**
 * The same under the lock of each instance, and not for those that an operation works on: the tasks run one after the other,
 * so waiting for a guest to shut down would hold up all of them.
 */
export function eachIdleInstance(parts: Pick<PeriodicParts, 'log' | 'locks'>, work: InstanceWork): Promise<void> {
  return eachInstance(parts, {
    ...work,
    async run(instance, log) {
      if (parts.locks.has(instance.uuid)) return log.debug(`${work.name} leaves the instance to the operation that works on it`)
      await parts.locks.run(instance.uuid, () => work.run(instance, log), work.name)
    },
  })
}
