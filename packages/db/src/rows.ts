import { type Kysely, type Selectable, type SelectQueryBuilder, sql } from 'kysely'
import type { Column } from './schema/columns.js'
import type { CellDatabase } from './schema/index.js'
import type { Dialect, RowOf, Table } from './schema/table.js'

type Scalar = string | number | boolean | Date

/** What a column must be: a value, null, one of a list, or anything but a value. */
type Condition = Scalar | null | readonly (Scalar | null)[] | { readonly not: Scalar }

/** Conditions by column, of which all must hold. */
export type Where<T extends Table> = { readonly [K in keyof T['columns']]?: Condition }

/** Values by column. Columns that are not named keep theirs, or get the initial one. */
export type ColumnValues<T extends Table> = { -readonly [K in keyof T['columns']]?: T['columns'][K] extends Column<infer V> ? V : never }

export type StoredRow<T extends Table> = Selectable<RowOf<T>>

/** The tables without their types: what is done alike for each is written once, by its declaration. */
type AnyDatabase = Record<string, Record<string, unknown>>

/** Rows of the tables, within one unit of work. What every table has in common is kept here: timestamps, initial values, soft deletes. */
export class Rows {
  /** For queries that are more than conditions by column. */
  readonly db: Kysely<CellDatabase>
  readonly dialect: Dialect
  /** The time of this unit of work, as the database can keep it. */
  readonly now: Date
  readonly #any: Kysely<AnyDatabase>

  constructor(db: Kysely<CellDatabase>, dialect: Dialect, now: Date) {
    this.db = db
    this.dialect = dialect
    this.now = now
    const untyped: unknown = db
    this.#any = untyped as Kysely<AnyDatabase>
  }

  select<T extends Table>(table: T, where: Where<T>): SelectQueryBuilder<AnyDatabase, string, StoredRow<T>> {
    const query: unknown = applyWhere(this.#any.selectFrom(table.name).selectAll(table.name), where)
    return query as SelectQueryBuilder<AnyDatabase, string, StoredRow<T>>
  }

  first<T extends Table>(table: T, where: Where<T>): Promise<StoredRow<T> | undefined> {
    return this.select(table, where).limit(sql.lit(1)).executeTakeFirst()
  }

  /** @returns the id that the database gave */
  async insert<T extends Table>(table: T, values: ColumnValues<T>): Promise<number> {
    const query = this.#any.insertInto(table.name).values(this.#complete(table, values))
    if (this.dialect === 'mysql') return Number((await query.executeTakeFirstOrThrow()).insertId)
    const { id } = await query.returning('id').executeTakeFirstOrThrow()
    return id as number
  }

  async insertAll<T extends Table>(table: T, rows: readonly ColumnValues<T>[]): Promise<void> {
    if (rows.length === 0) return
    await this.#any
      .insertInto(table.name)
      .values(rows.map((values) => this.#complete(table, values)))
      .execute()
  }

  /** @returns how many rows the conditions held for, whether or not their values were others before */
  async update<T extends Table>(table: T, where: Where<T>, values: ColumnValues<T>): Promise<number> {
    const stamped = 'updated_at' in table.columns ? { updated_at: this.now, ...values } : values
    const { numUpdatedRows } = await applyWhere(this.#any.updateTable(table.name).set(stamped), where).executeTakeFirstOrThrow()
    return Number(numUpdatedRows)
  }

  /** Mark rows as deleted that are not yet. `updated_at` stays. @returns how many */
  async softDelete<T extends Table>(table: T, where: Where<T>): Promise<number> {
    const marked = this.#any.updateTable(table.name).set({ deleted: sql.ref('id'), deleted_at: this.now })
    const { numUpdatedRows } = await applyWhere(marked, { deleted: 0, ...where }).executeTakeFirstOrThrow()
    return Number(numUpdatedRows)
  }

  /** @returns how many */
  async delete<T extends Table>(table: T, where: Where<T>): Promise<number> {
    const { numDeletedRows } = await applyWhere(this.#any.deleteFrom(table.name), where).executeTakeFirstOrThrow()
    return Number(numDeletedRows)
  }

  /** A few columns: rows may hold large texts that nobody wants. */
  selectColumns<T extends Table, const K extends keyof T['columns'] & string>(
    table: T,
    columns: readonly K[],
    where: Where<T>,
  ): SelectQueryBuilder<AnyDatabase, string, Pick<StoredRow<T>, K & keyof StoredRow<T>>> {
    const query: unknown = applyWhere(this.#any.selectFrom(table.name).select([...columns]), where)
    return query as SelectQueryBuilder<AnyDatabase, string, Pick<StoredRow<T>, K & keyof StoredRow<T>>>
  }

  async count<T extends Table>(table: T, where: Where<T>): Promise<number> {
    const counted = this.#any.selectFrom(table.name).select(sql<number | string>`count(*)`.as('n'))
    const { n } = await applyWhere(counted, where).executeTakeFirstOrThrow()
    return Number(n)
  }

  #complete(table: Table, values: object): Record<string, unknown> {
    const initial: Record<string, unknown> = 'created_at' in table.columns ? { created_at: this.now } : {}
    for (const [name, column] of Object.entries(table.columns)) if (column.initial !== undefined) initial[name] = column.initial
    return { ...initial, ...values }
  }
}

interface Filterable {
  where(column: string, operator: 'is' | '=' | '!=' | 'in', value: unknown): this
  where(expression: unknown): this
}

function applyWhere<Q>(query: Q, where: Readonly<Record<string, Condition | undefined>>): Q {
  let filtered = query as Q & Filterable
  for (const [column, condition] of Object.entries(where))
    if (condition !== undefined) filtered = applyCondition(filtered, column, condition)
  return filtered
}

function applyCondition<Q extends Filterable>(query: Q, column: string, condition: Condition): Q {
  if (condition === null) return query.where(column, 'is', null)
  if (typeof condition !== 'object' || condition instanceof Date) return query.where(column, '=', condition)
  if (isList(condition)) return query.where(oneOf(column, condition))
  return query.where(column, '!=', condition.not)
}

function isList(condition: object): condition is readonly (Scalar | null)[] {
  return Array.isArray(condition)
}

/** The column has one of these values. NULL is in no list of SQL, so it is asked for apart. */
export function oneOf(column: string, values: readonly (Scalar | null)[]) {
  const present = padded(values.filter((value) => value !== null))
  const inList = present.length === 0 ? sql<boolean>`1 = 0` : sql<boolean>`${sql.ref(column)} in (${sql.join(present)})`
  return values.includes(null) ? sql<boolean>`(${inList} or ${sql.ref(column)} is null)` : inList
}

/**
 * The list, filled up with its last value to a power of two: lists of any length make a dozen statements,
 * which stay prepared, instead of thousands.
 */
function padded<T>(values: readonly T[]): readonly T[] {
  if (values.length < 3) return values
  const length = 2 ** Math.ceil(Math.log2(values.length))
  return [...values, ...new Array<T>(length - values.length).fill(values.at(-1)!)]
}
