import type { FieldMap, VersionedObject } from '@micronova/versionedobjects'
import type { ColumnValues, StoredRow } from '../rows.js'
import type { Table } from '../schema/table.js'

/** A class of objects that are kept in rows. */
interface StoredClass {
  new (...args: never[]): VersionedObject
  readonly fields: FieldMap
  objStored(values: Readonly<Record<string, unknown>>): VersionedObject
}

/**
 * The object that `row` holds: each field has the column of its name.
 *
 * @param special fields that are not their column as it is; `undefined` leaves one unset
 */
export function objectOf<C extends StoredClass>(
  objectClass: C,
  row: object,
  special: Readonly<Record<string, unknown>> = {},
): InstanceType<C> {
  return objectClass.objStored(fieldValues(objectClass.fields, row, special)) as InstanceType<C>
}

export function fieldValues(fields: FieldMap, row: object, special: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const columns = row as Readonly<Record<string, unknown>>
  const values: Record<string, unknown> = {}
  for (const name of Object.keys(fields)) if (name in columns) values[name] = name === 'deleted' ? Boolean(columns.deleted) : columns[name]
  return Object.assign(values, special)
}

/**
 * The columns of `table` among `fields`. What only the store decides (`id`, `deleted`) is left out.
 * A boolean field may have an integer column (`instances.cleaned`).
 */
export function columnValues<T extends Table>(table: T, fields: Readonly<Record<string, unknown>>): ColumnValues<T> {
  const values: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    const column = table.columns[name]
    if (column === undefined || name === 'id' || name === 'deleted') continue
    values[name] = column.kind === 'integer' && typeof value === 'boolean' ? Number(value) : value
  }
  return values as ColumnValues<T>
}

/** Those of `values` that `row` does not have already: a write that changes nothing is left out, as SQLAlchemy's is. */
export function changedValues<T extends Table>(row: StoredRow<T>, values: ColumnValues<T>): ColumnValues<T> {
  const stored = row as Readonly<Record<string, unknown>>
  const changed = Object.entries(values).filter(([name, value]) => !isSame(stored[name], value))
  return Object.fromEntries(changed) as ColumnValues<T>
}

function isSame(a: unknown, b: unknown): boolean {
  return a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : a === b
}
