import type { Logger } from '@micronova/log'
import { elevated, type Instance, InstanceList, type RequestContext } from '@micronova/model'
import type { SchedulerApi } from '@micronova/rpcapi'

export interface SchedulerNoticesDeps {
  readonly scheduler: Pick<SchedulerApi, 'updateInstanceInfo' | 'syncInstanceInfo' | 'deleteInstanceInfo'>
  readonly log: Logger
}

export interface SchedulerNoticesOptions {
  readonly host: string
  /** `[filter_scheduler] track_instance_changes`; false sends nothing. */
  readonly enabled: boolean
}

/**
 * Tells every scheduler which instances are on this host. Each notice is a cast to the fanout of the schedulers. One that
 * cannot be sent is logged and does not fail what it tells of: the periodic list puts it right.
 */
export class SchedulerNotices {
  readonly #deps: SchedulerNoticesDeps
  readonly #options: SchedulerNoticesOptions

  constructor(deps: SchedulerNoticesDeps, options: SchedulerNoticesOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** These instances are here, as they are now. */
  update(ctx: RequestContext, instances: readonly Instance[]): Promise<void> {
    return this.#send((host) => {
      const instanceInfo = new InstanceList({ objects: [...instances] })
      return this.#deps.scheduler.updateInstanceInfo(elevated(ctx), { hostName: host, instanceInfo })
    })
  }

  /** An instance is no longer here. */
  remove(ctx: RequestContext, instanceUuid: string): Promise<void> {
    return this.#send((host) => this.#deps.scheduler.deleteInstanceInfo(elevated(ctx), { hostName: host, instanceUuid }))
  }

  /** These are all that are here: a scheduler that knows others asks again. */
  sync(ctx: RequestContext, instanceUuids: readonly string[]): Promise<void> {
    return this.#send((host) => this.#deps.scheduler.syncInstanceInfo(elevated(ctx), { hostName: host, instanceUuids }))
  }

  async #send(notice: (host: string) => Promise<void>): Promise<void> {
    if (!this.#options.enabled) return
    try {
      await notice(this.#options.host)
    } catch (err) {
      this.#deps.log.warning('The schedulers could not be told of the instances of this host', { err })
    }
  }
}
