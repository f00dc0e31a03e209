import { type Instance, novaError, type RequestContext, type SaveInstanceOptions } from '@micronova/model'
import type { ColumnValues, Rows, StoredRow } from '../../rows.js'
import { instanceExtra, instances } from '../../schema/cell-tables.js'
import { saveInfoCache } from '../info-caches.js'
import { columnValues } from '../object-rows.js'
import { owned, visible } from '../visibility.js'
import { changedExtra } from './extra.js'
import { writeMetadata, writeSystemMetadata } from './metadata.js'

type InstanceRow = StoredRow<typeof instances>

/**
 * Write what changed in `instance`: its own columns only if the stored states are among the expected ones, then its satellites.
 * The instance's columns come first, so that a transaction that must not happen ends before it has locked anything else.
 *
 * @returns whether columns or metadata of the instance itself were among the changes; only then states are compared, as upstream does
 * @throws NovaError `InstanceNotFound`, or as `conflict`
 */
export async function saveInstance(rows: Rows, ctx: RequestContext, instance: Instance, options: SaveInstanceOptions): Promise<boolean> {
  const changes = instance.objWhatChanged()
  const columns = columnValues(instances, instance.objGetChanges())
  const isOwn = Object.keys(columns).length > 0 || changes.has('metadata') || changes.has('system_metadata')
  if (isOwn) await updateColumns(rows, ctx, instance.uuid, columns, options)
  if (changes.has('metadata')) await writeMetadata(rows, instance.uuid, instance.metadata)
  if (changes.has('system_metadata')) await writeSystemMetadata(rows, instance.uuid, instance.system_metadata)
  await updateExtra(rows, instance)
  const cache = instance.objIsSet('info_cache') ? instance.info_cache : null
  if (cache !== null) await saveInfoCache(rows, ctx, cache)
  return isOwn
}

/** Compare and swap in one statement: nobody can come between the look and the write. */
async function updateColumns(
  rows: Rows,
  ctx: RequestContext,
  uuid: string,
  columns: ColumnValues<typeof instances>,
  { expectedTaskState, expectedVmState }: SaveInstanceOptions,
): Promise<void> {
  const own = { uuid, ...visible(ctx), ...owned(ctx) }
  const expected: ExpectedStates = {
    ...(expectedTaskState === undefined ? {} : { task_state: expectedTaskState }),
    ...(expectedVmState === undefined ? {} : { vm_state: expectedVmState }),
  }
  if ((await rows.update(instances, { ...own, ...expected }, columns)) > 0) return
  // Nothing was read before in this transaction, so this sees what the update saw, also where reads are repeatable.
  const stored = await rows.first(instances, own)
  if (stored === undefined) throw novaError('InstanceNotFound', { instance_id: uuid })
  throw conflict(stored, expected)
}

interface ExpectedStates {
  readonly task_state?: readonly (string | null)[]
  readonly vm_state?: readonly (string | null)[]
}

/**
 * Why the states of `stored` are not the expected ones: `UnexpectedDeletingTaskStateError`, `UnexpectedTaskStateError`,
 * for the vm state alone `InstanceUpdateConflict`; `UnknownInstanceUpdateConflict` if they are by now.
 *
 * @see nova 26.2.2, `db/main/api.py`, `_instance_update`
 */
export function conflict(stored: Pick<InstanceRow, 'uuid' | 'task_state' | 'vm_state'>, wanted: ExpectedStates) {
  const fields = (['task_state', 'vm_state'] as const).filter((field) => wanted[field]?.includes(stored[field]) === false)
  const kwargs = {
    instance_uuid: stored.uuid,
    expected: Object.fromEntries(fields.map((field) => [field, wanted[field]])),
    actual: Object.fromEntries(fields.map((field) => [field, stored[field]])),
  }
  if (fields.length === 0) return novaError('UnknownInstanceUpdateConflict', kwargs)
  if (!fields.includes('task_state')) return novaError('InstanceUpdateConflict', kwargs)
  return novaError(stored.task_state === 'deleting' ? 'UnexpectedDeletingTaskStateError' : 'UnexpectedTaskStateError', kwargs)
}

async function updateExtra(rows: Rows, instance: Instance): Promise<void> {
  const { uuid } = instance
  const values = await changedExtra(instance, async () => (await rows.first(instanceExtra, { instance_uuid: uuid }))?.flavor ?? null)
  if (Object.keys(values).length === 0) return
  if ((await rows.update(instanceExtra, { instance_uuid: uuid, deleted: 0 }, values)) > 0) return
  await rows.insert(instanceExtra, { ...values, instance_uuid: uuid })
}
