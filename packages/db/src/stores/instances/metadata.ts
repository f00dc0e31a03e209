import type { RequestContext } from '@micronova/model'
import type { Rows, StoredRow } from '../../rows.js'
import { instanceMetadata, instanceSystemMetadata } from '../../schema/cell-tables.js'

type InstanceRow = { readonly uuid: string; readonly id: number; readonly deleted: number | null }
type ByInstance<T> = ReadonlyMap<string, Readonly<Record<string, T>>>

/** What users attached to instances. That of a deleted instance is deleted too; a key that was removed is not seen again. */
export async function readMetadata(rows: Rows, ctx: RequestContext, instances: readonly InstanceRow[]): Promise<ByInstance<string>> {
  const deleted = new Set(ctx.readDeleted === 'no' ? [] : instances.filter((row) => row.deleted === row.id).map((row) => row.uuid))
  const where = { instance_uuid: instances.map((row) => row.uuid), ...(deleted.size === 0 ? { deleted: 0 } : {}) }
  const found = await rows.select(instanceMetadata, where).orderBy('id').execute()
  return grouped(found.filter((row) => row.deleted === 0 || deleted.has(row.instance_uuid ?? '')))
}

/** What services attached to instances. Removed keys are gone, and of a deleted instance everything stays to be seen. */
export async function readSystemMetadata(rows: Rows, instances: readonly InstanceRow[]): Promise<ByInstance<string | null>> {
  return grouped(
    await rows
      .select(instanceSystemMetadata, { instance_uuid: instances.map((row) => row.uuid) })
      .orderBy('id')
      .execute(),
  )
}

/** Make the stored metadata that of the object: keys that are not in it are marked as deleted. */
export async function writeMetadata(rows: Rows, instanceUuid: string, metadata: Readonly<Record<string, string>>): Promise<void> {
  const stored = await rows.select(instanceMetadata, { instance_uuid: instanceUuid, deleted: 0 }).execute()
  const { removed, changed, added } = difference(stored, metadata)
  if (removed.length > 0) await rows.softDelete(instanceMetadata, { id: removed })
  for (const { id, value } of changed) await rows.update(instanceMetadata, { id }, { value })
  await rows.insertAll(
    instanceMetadata,
    added.map((item) => ({ ...item, instance_uuid: instanceUuid })),
  )
}

/** The same for system metadata, of which nothing stays: deleted rows would be seen beside later ones of the same key. */
export async function writeSystemMetadata(
  rows: Rows,
  instanceUuid: string,
  metadata: Readonly<Record<string, string | null>>,
): Promise<void> {
  const stored = await rows.select(instanceSystemMetadata, { instance_uuid: instanceUuid, deleted: 0 }).execute()
  const { removed, changed, added } = difference(stored, metadata)
  if (removed.length > 0) await rows.delete(instanceSystemMetadata, { id: removed })
  for (const { id, value } of changed) await rows.update(instanceSystemMetadata, { id }, { value })
  await rows.insertAll(
    instanceSystemMetadata,
    added.map((item) => ({ ...item, instance_uuid: instanceUuid })),
  )
}

interface StoredItem<V> {
  readonly id: number
  readonly key: string | null
  readonly value: V
}

/** What must be done to `stored` so that it says what `wanted` says. */
export function difference<V extends string | null>(stored: readonly StoredItem<string | null>[], wanted: Readonly<Record<string, V>>) {
  const keys = new Set(stored.map(({ key }) => key))
  return {
    removed: stored.filter(({ key }) => !Object.hasOwn(wanted, key ?? '')).map(({ id }) => id),
    changed: stored
      .filter(({ key, value }) => Object.hasOwn(wanted, key ?? '') && wanted[key ?? ''] !== value)
      .map(({ id, key }) => ({ id, value: wanted[key ?? '']! })),
    added: Object.entries(wanted)
      .filter(([key]) => !keys.has(key))
      .map(([key, value]) => ({ key, value })),
  }
}

type MetadataRow = Pick<StoredRow<typeof instanceSystemMetadata>, 'value'> & {
  readonly key: string | null
  readonly instance_uuid: string | null
}

function grouped<V extends string | null>(rows: readonly MetadataRow[]): ReadonlyMap<string, Record<string, V>> {
  const byInstance = new Map<string, Record<string, V>>()
  for (const { instance_uuid, key, value } of rows) {
    if (instance_uuid === null || key === null) continue
    const items = byInstance.get(instance_uuid) ?? {}
    items[key] = value as V
    byInstance.set(instance_uuid, items)
  }
  return byInstance
}
