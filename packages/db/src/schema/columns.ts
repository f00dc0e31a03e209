/** What a column holds; `ddl.ts` knows its name in each dialect. */
export type ColumnKind =
  | 'integer'
  | 'bigint'
  | 'float'
  | 'boolean'
  | 'datetime'
  | 'string'
  | 'text'
  /** MEDIUMTEXT on MariaDB and MySQL, text elsewhere. */
  | 'mediumText'
  /** INET on PostgreSQL, text elsewhere. */
  | 'inet'
  | 'enumeration'

/** A declared column; `T` is the type of its values as the database layer hands them out. */
export interface Column<T = unknown> {
  readonly kind: ColumnKind
  /** Characters, of a string or inet. */
  readonly length?: number
  /** Values of an enumeration and the name of its type on PostgreSQL. */
  readonly enumeration?: { readonly name: string; readonly values: readonly string[] }
  readonly notNull?: boolean
  /** Filled by the database: SERIAL, AUTO_INCREMENT, rowid. */
  readonly generated?: boolean
  readonly default?: string
  /** Differs from the table's on MariaDB and MySQL. */
  readonly mysqlCharset?: string
  /** Of a new row, if nothing else is given: Nova's models fill it in, not the database. */
  readonly initial?: string | number | boolean
  /** Carries `T`; never set. */
  readonly valueType?: T
}

export const integer = (): Column<number | null> => ({ kind: 'integer' })
/** Counters of bytes and KiB; none of them reaches 2^53. */
export const bigint = (): Column<number | null> => ({ kind: 'bigint' })
export const float = (): Column<number | null> => ({ kind: 'float' })
export const boolean = (): Column<boolean | null> => ({ kind: 'boolean' })
/** UTC, without a time zone. */
export const datetime = (): Column<Date | null> => ({ kind: 'datetime' })
export const string = (length: number, options: { readonly mysqlCharset?: string } = {}): Column<string | null> => ({
  kind: 'string',
  length,
  ...options,
})
export const text = (): Column<string | null> => ({ kind: 'text' })
export const mediumText = (): Column<string | null> => ({ kind: 'mediumText' })
export const inet = (length: number): Column<string | null> => ({ kind: 'inet', length })

/** One of `values`; `name` is the type that PostgreSQL needs. */
export const enumeration = <const V extends readonly string[]>(
  name: string,
  values: V,
  options: { readonly default?: V[number] } = {},
): Column<V[number] | null> => ({ kind: 'enumeration', enumeration: { name, values }, ...options })

/** A primary key that the database counts up. */
export const id = (): Column<number> => ({ kind: 'integer', notNull: true, generated: true })

export const notNull = <T>(column: Column<T>): Column<NonNullable<T>> => ({ ...column, notNull: true, valueType: undefined })

/** Nova's models give a new row `value` here. */
export const initially = <T>(value: NonNullable<T> & (string | number | boolean), column: Column<T>): Column<T> => ({
  ...column,
  initial: value,
})

/** 0, or the id of the row once it is deleted, so that a unique constraint over it lets the name be used again. */
export const deletedMark = (): Column<number | null> => ({ kind: 'integer', initial: 0 })

/** On nearly every table. `deleted` is not among them: it comes later in the column order. */
export const timestamps = { created_at: datetime(), updated_at: datetime(), deleted_at: datetime() } as const
