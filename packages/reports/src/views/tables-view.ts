import type { ReportObject, ReportValue } from '../model.js'
import { isList, isObject, pythonText } from './python-text.js'
import { valuesView } from './values-view.js'

/** Values first, then each list of objects as a table under its name. Columns are as wide as what is in them. */
export function tablesView(model: ReportObject): string {
  const isTable = (value: ReportValue): value is readonly ReportObject[] => isList(value) && value.every(isObject)
  const tables = Object.entries(model).filter(([, value]) => isTable(value)) as [string, readonly ReportObject[]][]
  const values = Object.fromEntries(Object.entries(model).filter(([, value]) => !isTable(value)))
  return [
    ...(Object.keys(values).length === 0 ? [] : [`${valuesView(values)}\n`]),
    ...tables.map(([name, rows]) => `${name.replaceAll('_', ' ')}:\n${table(rows)}`),
  ].join('\n')
}

function table(rows: readonly ReportObject[]): string {
  const [first] = rows
  if (first === undefined) return '  none\n'
  const names = Object.keys(first)
  const cells = [names.map((name) => name.replaceAll('_', ' ')), ...rows.map((row) => names.map((name) => cell(row[name] ?? null)))]
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  return cells
    .map((row) => `  ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n')
    .concat('\n')
}

function cell(value: ReportValue): string {
  if (value === null) return '-'
  if (isList(value)) return value.map(cell).join(', ')
  return isObject(value) ? JSON.stringify(value) : pythonText(value)
}
