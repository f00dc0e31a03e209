/**
 * The structure of an answer: objects by name, version and the fields that they have, with what is in these; of plain values only
 * whether they are null. `updated_at` is told or not as seconds happen to pass, `mapped` as somebody discovers the host meanwhile. Objects that Nova makes of JSON in a column count as
 * changed there, by accident of how they are made, and so do EC2 ids, which nobody ever writes: `nova_object.changes` is left out.
 */
export function shapeOf(value: unknown): unknown {
  if (value === null) return null
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object') return 'a value'
  const fields = Object.entries(value).filter(([name]) => !leftOut.has(name))
  const parts = fields.map(([name, item]): [string, unknown] => [name, partOf(name, item)])
  return Object.fromEntries(parts.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const leftOut: ReadonlySet<string> = new Set(['updated_at', 'mapped', 'nova_object.changes'])
const asItIs: ReadonlySet<string> = new Set(['nova_object.name', 'nova_object.namespace', 'nova_object.version', 'deleted'])

function partOf(name: string, item: unknown): unknown {
  if (asItIs.has(name)) return item
  return name === 'obj_what_changed' ? (item as string[]).filter((changed) => changed !== 'ec2_ids').sort() : shapeOf(item)
}
