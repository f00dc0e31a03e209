import { type CellTaskLogStore, novaError, type RequestContext, TaskLog, type TaskLogKey } from '@micronova/model'
import { isDatabaseError } from '../errors.js'
import type { StoredRow, Where } from '../rows.js'
import { taskLog } from '../schema/cell-tables.js'
import type { StoreDeps } from './deps.js'
import { objectOf } from './object-rows.js'

type KeyFilter = Omit<TaskLogKey, 'host'> & { readonly host?: string | null }

/** Runs of the periodic usage audit. A row is never deleted. */
export class DatabaseTaskLogStore implements CellTaskLogStore {
  readonly #deps: StoreDeps

  constructor(deps: StoreDeps) {
    this.#deps = deps
  }

  async get(ctx: RequestContext, key: TaskLogKey, state: string | null = null): Promise<TaskLog | null> {
    return (await this.list(ctx, key, state))[0] ?? null
  }

  async list(_ctx: RequestContext, key: KeyFilter, state: string | null = null): Promise<TaskLog[]> {
    const where = { ...columnsOf(key), ...(state === null ? {} : { state }) }
    const rows = await this.#deps.database.read((unit) => unit.select(taskLog, where).orderBy('id').execute())
    return rows.map(taskOf)
  }

  async begin(_ctx: RequestContext, task: TaskLog): Promise<void> {
    const { task_name, host } = task
    const { message, task_items } = notedBy(task)
    const values = {
      ...columnsOf(keyOf(task)),
      state: 'RUNNING',
      ...(message ? { message } : {}),
      ...(task_items ? { task_items } : {}),
    }
    await this.#deps.database
      .write((rows) => rows.insert(taskLog, values))
      .catch((err) => {
        throw isDatabaseError(err, 'unique_violation') ? novaError('TaskAlreadyRunning', { task_name, host }, { cause: err }) : err
      })
  }

  async end(_ctx: RequestContext, task: TaskLog): Promise<void> {
    const { task_name, host, errors } = task
    const { message } = notedBy(task)
    const values = { state: 'DONE', errors, ...(message ? { message } : {}) }
    const count = await this.#deps.database.write((rows) => rows.update(taskLog, columnsOf(keyOf(task)), values))
    if (count === 0) throw novaError('TaskNotRunning', { task_name, host })
  }
}

function keyOf({ task_name, period_beginning, period_ending, host }: TaskLog): TaskLogKey {
  return { taskName: task_name, begin: period_beginning, end: period_ending, host }
}

function columnsOf({ taskName, begin, end, host }: KeyFilter) {
  const period = { task_name: taskName, period_beginning: begin, period_ending: end }
  return (host ? { ...period, host } : period) satisfies Where<typeof taskLog>
}

function notedBy(task: TaskLog) {
  return {
    message: task.objIsSet('message') ? task.message : null,
    task_items: task.objIsSet('task_items') ? task.task_items : null,
  }
}

function taskOf(row: StoredRow<typeof taskLog>): TaskLog {
  return objectOf(TaskLog, row, { task_items: row.task_items ?? 0, errors: row.errors ?? 0 })
}
