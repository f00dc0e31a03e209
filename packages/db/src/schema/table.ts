import type { Generated } from 'kysely'
import type { Column } from './columns.js'

export type Dialect = 'sqlite' | 'mysql' | 'postgresql'

export interface Index {
  readonly columns: readonly string[]
  readonly unique?: boolean
  /** Characters that MariaDB and MySQL index of a long column. */
  readonly mysqlLengths?: Readonly<Record<string, number>>
  /** Default: all. */
  readonly dialects?: readonly Dialect[]
}

export interface ForeignKey {
  readonly column: string
  readonly table: string
  readonly targetColumn: string
  /** Unnamed ones, and all on PostgreSQL, are named by the database. */
  readonly name?: string
}

type Columns = Readonly<Record<string, Column>>

interface TableAttributes<C extends Columns> {
  /** Default: `id`. */
  readonly primaryKey?: readonly (keyof C & string)[]
  readonly primaryKeyName?: string
  readonly unique?: Readonly<Record<string, readonly (keyof C & string)[]>>
  readonly foreignKeys?: readonly ForeignKey[]
  readonly indexes?: Readonly<Record<string, Index>>
  readonly mysqlCharset?: 'utf8' | 'latin1'
  readonly mysqlCollation?: 'utf8_bin'
}

/** A declared table. Columns stand in the order that Nova's migrations leave. */
export interface Table<C extends Columns = Columns, N extends string = string> {
  readonly name: N
  readonly columns: C
  readonly primaryKey: readonly string[]
  readonly primaryKeyName?: string
  readonly unique: Readonly<Record<string, readonly string[]>>
  readonly foreignKeys: readonly ForeignKey[]
  readonly indexes: Readonly<Record<string, Index>>
  readonly mysqlCharset: 'utf8' | 'latin1'
  readonly mysqlCollation?: 'utf8_bin'
}

export function defineTable<const C extends Columns, const N extends string>(
  name: N,
  columns: C,
  attributes: TableAttributes<NoInfer<C>> = {},
): Table<C, N> {
  return { name, columns, primaryKey: ['id'], unique: {}, foreignKeys: [], indexes: {}, mysqlCharset: 'utf8', ...attributes }
}

export function index(columns: readonly string[], attributes: Omit<Index, 'columns'> = {}): Index {
  return { columns, ...attributes }
}

/** @param target `table.column` */
export function references(column: string, target: `${string}.${string}`, name?: string): ForeignKey {
  const [table, targetColumn] = target.split('.') as [string, string]
  return name === undefined ? { column, table, targetColumn } : { column, table, targetColumn, name }
}

/** Of Kysely: what a select returns and an insert takes. */
export type RowOf<T extends Table> = {
  [K in keyof T['columns']]: T['columns'][K] extends Column<infer V> ? (K extends 'id' ? (V extends number ? Generated<V> : V) : V) : never
}
