import { InstanceAction, InstanceActionEvent, type InstanceActionStore, type RequestContext } from '@micronova/model'
import type { Rows, StoredRow } from '../rows.js'
import { instanceActions, instanceActionsEvents } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { objectOf } from './object-rows.js'
import { visible } from './visibility.js'

type ActionRow = StoredRow<typeof instanceActions>

/** Characters of `instance_actions_events.details`. */
const maxDetails = 255

/** What was done to instances, on whose request, and how it went. */
export class DatabaseInstanceActionStore implements InstanceActionStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  /** Newest first. */
  async listByInstanceUuid(ctx: RequestContext, instanceUuid: string): Promise<InstanceAction[]> {
    const rows = await this.#deps.database.read((unit) => newestFirst(unit, ctx, { instance_uuid: instanceUuid }).execute())
    return rows.map((row) => objectOf(InstanceAction, row))
  }

  /** Newest first. */
  async listEvents(ctx: RequestContext, actionId: number): Promise<InstanceActionEvent[]> {
    const rows = await this.#deps.database.read((unit) =>
      unit
        .select(instanceActionsEvents, { action_id: actionId, ...visible(ctx) })
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .execute(),
    )
    return rows.map((row) => objectOf(InstanceActionEvent, row))
  }

  /** The action begins when its request came in. */
  async start(ctx: RequestContext, instanceUuid: string, action: string): Promise<void> {
    const requestedAt = new Date(`${ctx.timestamp}Z`)
    await this.#deps.database.write((rows) =>
      rows.insert(instanceActions, {
        action,
        instance_uuid: instanceUuid,
        request_id: ctx.requestId,
        user_id: ctx.userId,
        project_id: ctx.projectId,
        start_time: requestedAt,
        updated_at: requestedAt,
      }),
    )
  }

  async startEvent(ctx: RequestContext, instanceUuid: string, event: string, host: string): Promise<void> {
    await this.#deps.database.write(async (rows) => {
      const found = await actionFor(rows, ctx, instanceUuid)
      if (found === undefined) return
      await rows.insert(instanceActionsEvents, { action_id: found.action.id, event, host, start_time: rows.now })
      if (found.isOfRequest) await rows.update(instanceActions, { id: found.action.id }, {})
    })
  }

  async finishEvent(
    ctx: RequestContext,
    instanceUuid: string,
    event: string,
    failure?: { readonly message: string; readonly traceback: string },
  ): Promise<void> {
    await this.#deps.database.write(async (rows) => {
      const found = await actionFor(rows, ctx, instanceUuid)
      if (found === undefined) return
      const where = { action_id: found.action.id, event, ...visible(ctx) }
      const begun = await rows.select(instanceActionsEvents, where).orderBy('id', 'desc').executeTakeFirst()
      if (begun === undefined) return
      const result = failure === undefined ? { result: 'Success' } : failed(failure)
      await rows.update(instanceActionsEvents, { id: begun.id }, { finish_time: rows.now, ...result })
      const message = failure === undefined ? {} : { message: 'Error' }
      const touched = found.isOfRequest ? {} : { updated_at: found.action.updated_at }
      if (found.isOfRequest || failure !== undefined)
        await rows.update(instanceActions, { id: found.action.id }, { ...message, ...touched })
    })
  }
}

function failed({ message, traceback }: { readonly message: string; readonly traceback: string }) {
  return { result: 'Error', details: message === '' ? null : message.slice(0, maxDetails), traceback }
}

/**
 * The action of this request. A nova-compute that has been started again finishes what it finds with requests of its own, which
 * nobody recorded: the last action of the instance stands in for them, and its time is not touched.
 */
async function actionFor(
  rows: Rows,
  ctx: RequestContext,
  instanceUuid: string,
): Promise<{ readonly action: ActionRow; readonly isOfRequest: boolean } | undefined> {
  const instance = { instance_uuid: instanceUuid }
  const own = await newestFirst(rows, ctx, { ...instance, request_id: ctx.requestId }).executeTakeFirst()
  if (own !== undefined) return { action: own, isOfRequest: true }
  const last = ctx.projectId ? undefined : await newestFirst(rows, ctx, instance).executeTakeFirst()
  return last === undefined ? undefined : { action: last, isOfRequest: false }
}

function newestFirst(rows: Rows, ctx: RequestContext, where: { readonly instance_uuid: string; readonly request_id?: string }) {
  return rows
    .select(instanceActions, { ...where, ...visible(ctx) })
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
}
