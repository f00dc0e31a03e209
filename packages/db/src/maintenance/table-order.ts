import type { Table } from '../schema/table.js'

/**
 * Tables by how deep their references go: those without any first, then those that refer to these alone, and so on; by name within
 * a depth. In this order upstream archives, which shows where a limit ends the work.
 *
 * @see SQLAlchemy 1.4.46, `sql/ddl.py`, `sort_tables`; `util/topological.py`
 */
export function byDepthOfReferences(tables: readonly Table[]): Table[] {
  let left = [...tables].sort((a, b) => (a.name < b.name ? -1 : 1))
  const ordered: Table[] = []
  while (left.length > 0) {
    const waiting = new Set(left.map(({ name }) => name))
    const refersOn = ({ name, foreignKeys }: Table) => foreignKeys.some(({ table }) => table !== name && waiting.has(table))
    const level = left.filter((table) => !refersOn(table))
    if (level.length === 0) throw new Error(`references in a circle: ${[...waiting].join(', ')}`)
    ordered.push(...level)
    left = left.filter((table) => !level.includes(table))
  }
  return ordered
}
