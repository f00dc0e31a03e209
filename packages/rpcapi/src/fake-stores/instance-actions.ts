import type { Clock } from '@micronova/lifecycle'
import type { InstanceActionStore, RequestContext } from '@micronova/model'
import type { ActionRow, Tables } from './tables.js'

export class FakeInstanceActions implements InstanceActionStore {
  readonly #tables: Tables
  readonly #clock: Clock

  constructor(tables: Tables, deps: { readonly clock: Clock }) {
    this.#tables = tables
    this.#clock = deps.clock
  }

  async start(ctx: RequestContext, instanceUuid: string, action: string): Promise<void> {
    this.#tables.actions.push({ requestId: ctx.requestId, instanceUuid, action, message: null, events: [] })
  }

  async startEvent(ctx: RequestContext, instanceUuid: string, event: string, host: string): Promise<void> {
    const startTime = new Date(this.#clock.now())
    this.#actionOf(ctx, instanceUuid)?.events.push({ event, host, startTime, finishTime: null, result: null, traceback: null })
  }

  async finishEvent(
    ctx: RequestContext,
    instanceUuid: string,
    event: string,
    failure?: { readonly message: string; readonly traceback: string },
  ): Promise<void> {
    const action = this.#actionOf(ctx, instanceUuid)
    const row = action?.events.findLast((other) => other.event === event)
    if (action === undefined || row === undefined) return
    row.finishTime = new Date(this.#clock.now())
    row.result = failure ? 'Error' : 'Success'
    row.traceback = failure?.traceback ?? null
    if (failure) action.message = failure.message
  }

  #actionOf(ctx: RequestContext, instanceUuid: string): ActionRow | undefined {
    return this.#tables.actions.findLast((row) => row.requestId === ctx.requestId && row.instanceUuid === instanceUuid)
  }
}
