import type { Column } from './columns.js'
import type { Dialect, ForeignKey, Index, Table } from './table.js'

/**
 * The statements that make `table` where it is absent. Each may run again.
 *
 * MariaDB and MySQL commit every statement at once, so there the indexes are part of the one CREATE TABLE:
 * after an interruption a table is whole or not there.
 */
export function createTable(dialect: Dialect, table: Table): string[] {
  const columns = Object.entries(table.columns).map(([name, column]) => columnDefinition(dialect, name, column))
  const constraints = [
    `${table.primaryKeyName === undefined ? '' : `CONSTRAINT ${table.primaryKeyName} `}PRIMARY KEY (${list(dialect, table.primaryKey)})`,
    ...Object.entries(table.unique).map(([name, names]) => `CONSTRAINT ${name} UNIQUE (${list(dialect, names)})`),
    ...table.foreignKeys.map((key) => foreignKey(dialect, key)),
  ]
  const indexes = Object.entries(table.indexes).filter(([, { dialects }]) => dialects?.includes(dialect) ?? true)
  const inline = dialect === 'mysql' ? indexes.map(([name, index]) => inlineIndex(name, index)) : []
  const separate = dialect === 'mysql' ? [] : indexes.map(([name, index]) => createIndex(dialect, table.name, name, index))
  const body = [...columns, ...constraints, ...inline].join(', ')
  return [`CREATE TABLE IF NOT EXISTS ${quote(dialect, table.name)} (${body})${tableOptions(dialect, table)}`, ...separate]
}

/** `name TYPE NOT NULL DEFAULT ...` as it stands in CREATE TABLE and ADD COLUMN. */
export function columnDefinition(dialect: Dialect, name: string, column: Column): string {
  const parts = [quote(dialect, name), columnType(dialect, column)]
  if (column.mysqlCharset !== undefined && dialect === 'mysql') parts.push(`CHARACTER SET ${column.mysqlCharset}`)
  if (column.notNull === true) parts.push('NOT NULL')
  if (column.generated === true && dialect === 'mysql') parts.push('AUTO_INCREMENT')
  if (column.default !== undefined) parts.push(`DEFAULT ${column.kind === 'integer' ? column.default : `'${column.default}'`}`)
  return parts.join(' ')
}

/** The enumerated types of `tables`; PostgreSQL wants them made first. */
export function enumerations(tables: readonly Table[]): { name: string; values: readonly string[] }[] {
  const all = tables.flatMap((table) => Object.values(table.columns).flatMap(({ enumeration }) => enumeration ?? []))
  return [...new Map(all.map((enumeration) => [enumeration.name, enumeration])).values()]
}

export function quote(dialect: Dialect, name: string): string {
  return dialect === 'mysql' ? `\`${name}\`` : `"${name}"`
}

function columnType(dialect: Dialect, column: Column): string {
  switch (column.kind) {
    case 'integer':
      return dialect === 'postgresql' && column.generated === true ? 'SERIAL' : 'INTEGER'
    case 'bigint':
      return 'BIGINT'
    case 'float':
      return 'FLOAT'
    case 'boolean':
      return 'BOOLEAN'
    case 'datetime':
      return dialect === 'postgresql' ? 'TIMESTAMP WITHOUT TIME ZONE' : 'DATETIME'
    case 'string':
      return `VARCHAR(${column.length})`
    case 'text':
      return 'TEXT'
    case 'mediumText':
      return dialect === 'mysql' ? 'MEDIUMTEXT' : 'TEXT'
    case 'inet':
      return dialect === 'postgresql' ? 'INET' : `VARCHAR(${column.length})`
    case 'enumeration':
      return enumerationType(dialect, column)
  }
}

function enumerationType(dialect: Dialect, { enumeration }: Column): string {
  const { name, values } = enumeration!
  if (dialect === 'postgresql') return quote(dialect, name)
  if (dialect === 'mysql') return `ENUM(${literals(values)})`
  return `VARCHAR(${Math.max(...values.map((value) => value.length))})`
}

export function literals(values: readonly string[]): string {
  return values.map((value) => `'${value}'`).join(', ')
}

/** PostgreSQL's names are its own, as in upstream's migrations. */
function foreignKey(dialect: Dialect, { name, column, table, targetColumn }: ForeignKey): string {
  const constraint = name !== undefined && dialect !== 'postgresql' ? `CONSTRAINT ${name} ` : ''
  return `${constraint}FOREIGN KEY (${quote(dialect, column)}) REFERENCES ${quote(dialect, table)} (${quote(dialect, targetColumn)})`
}

function inlineIndex(name: string, { columns, unique, mysqlLengths }: Index): string {
  const parts = columns.map((column) => quote('mysql', column) + (mysqlLengths?.[column] === undefined ? '' : `(${mysqlLengths[column]})`))
  return `${unique === true ? 'UNIQUE ' : ''}KEY ${quote('mysql', name)} (${parts.join(', ')})`
}

function createIndex(dialect: Dialect, table: string, name: string, { columns, unique }: Index): string {
  const kind = unique === true ? 'UNIQUE INDEX' : 'INDEX'
  return `CREATE ${kind} IF NOT EXISTS ${quote(dialect, name)} ON ${quote(dialect, table)} (${list(dialect, columns)})`
}

/** Charset and engine are always named: the server's defaults must not decide. */
function tableOptions(dialect: Dialect, { mysqlCharset, mysqlCollation }: Table): string {
  if (dialect !== 'mysql') return ''
  return ` ENGINE=InnoDB DEFAULT CHARSET=${mysqlCharset}${mysqlCollation === undefined ? '' : ` COLLATE=${mysqlCollation}`}`
}

function list(dialect: Dialect, columns: readonly string[]): string {
  return columns.map((column) => quote(dialect, column)).join(', ')
}
