import { novaError, type RequestContext } from '@micronova/model'
import { sql } from 'kysely'
import { oneOf, type Rows } from '../../rows.js'
import { instances } from '../../schema/cell-tables.js'
import { filterTime } from '../filter-time.js'
import type { InstanceRow } from './attributes.js'

type Filters = Readonly<Record<string, unknown>>

/** Columns that must have a value, or one of a list. A value for any other column is a regular expression. */
const exactColumns: ReadonlySet<string> = new Set([
  'project_id',
  'user_id',
  'image_ref',
  'vm_state',
  'instance_type_id',
  'uuid',
  'host',
  'task_state',
  'locked',
])

/** Filters that are no columns, or are more than their column. */
const special: ReadonlySet<string> = new Set([
  'deleted',
  'soft_deleted',
  'cleaned',
  'hidden',
  'metadata',
  'system_metadata',
  'tags',
  'tags-any',
  'not-tags',
  'not-tags-any',
  'changes-since',
  'changes-before',
])

/**
 * Instances that pass all `filters`, newest first. Deleted ones are among them unless `deleted` says otherwise, hidden ones only if
 * `hidden` asks for them. A user sees those of the project.
 *
 * @see nova 26.2.2, `db/main/api.py`, `instance_get_all_by_filters_sort`
 */
export async function instancesByFilters(rows: Rows, ctx: RequestContext, filters: Filters): Promise<InstanceRow[]> {
  const conditions = [
    ...deletion(filters),
    ...ofContext(ctx),
    filters.hidden ? sql`hidden = ${true}` : sql`(hidden = ${false} or hidden is null)`,
    ...('cleaned' in filters ? [sql`cleaned = ${filters.cleaned ? 1 : 0}`] : []),
    ...changes(filters),
    ...tagged(filters),
    ...withMetadata('instance_metadata', filters.metadata),
    ...withMetadata('instance_system_metadata', filters.system_metadata),
    ...exact(filters),
  ]
  const patterns = Object.entries(filters).filter(([name]) => !special.has(name) && !exactColumns.has(name) && name in instances.columns)
  if (rows.dialect !== 'sqlite') for (const [name, value] of patterns) conditions.push(matches(rows.dialect, name, String(value)))
  const found = await rows
    .select(instances, {})
    .where(({ and }) => and(conditions.map((condition) => sql<boolean>`${condition}`)))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows.dialect === 'sqlite' ? found.filter(matchesAll(patterns)) : found
}

function deletion(filters: Filters) {
  if (!('deleted' in filters)) return []
  const { deleted, soft_deleted: softDeleted } = filters
  if (deleted) return softDeleted === false ? [sql`deleted = id`] : [sql`(deleted = id or vm_state = 'soft-delete')`]
  return softDeleted ? [sql`deleted = 0`] : [sql`deleted = 0`, sql`(vm_state <> 'soft-delete' or vm_state is null)`]
}

function ofContext({ isAdmin, projectId, userId }: RequestContext) {
  if (isAdmin) return []
  return projectId ? [sql`project_id = ${projectId}`] : [userId === null ? sql`user_id is null` : sql`user_id = ${userId}`]
}

function changes(filters: Filters) {
  const { 'changes-since': since, 'changes-before': before } = filters
  return [...(since ? [sql`updated_at >= ${filterTime(since)}`] : []), ...(before ? [sql`updated_at <= ${filterTime(before)}`] : [])]
}

/** `tags`: all of these, `tags-any`: one of these at least; with `not-` in front the opposite. */
function tagged(filters: Filters) {
  const has = (tag: unknown) => sql`exists (select 1 from tags where tags.resource_id = instances.uuid and tags.tag = ${tag})`
  const any = (names: unknown) => sql`(${sql.join([sql`1 = 0`, ...(names as unknown[]).map(has)], sql` or `)})`
  const all = (names: unknown) => sql`(${sql.join([sql`1 = 1`, ...(names as unknown[]).map(has)], sql` and `)})`
  const forms = {
    tags: all,
    'tags-any': any,
    'not-tags': (names: unknown) => sql`not ${all(names)}`,
    'not-tags-any': (names: unknown) => sql`not ${any(names)}`,
  }
  return Object.entries(forms).flatMap(([name, form]) => (name in filters ? [form(filters[name])] : []))
}

/** A dict, or a list of them, of which each item must be there. */
function withMetadata(table: 'instance_metadata' | 'instance_system_metadata', wanted: unknown) {
  const dicts = (wanted === undefined ? [] : Array.isArray(wanted) ? wanted : [wanted]) as Record<string, unknown>[]
  const has = ([key, value]: readonly [string, unknown]) =>
    sql`exists (select 1 from ${sql.table(table)} as item where item.instance_uuid = instances.uuid and item.deleted = 0
      and ${sql.ref('item.key')} = ${key} and item.value = ${value})`
  return dicts.flatMap((dict) => Object.entries(dict)).map(has)
}

function exact(filters: Filters) {
  return Object.entries(filters)
    .filter(([name]) => exactColumns.has(name))
    .map(([name, value]) => oneOf(name, (Array.isArray(value) ? value : [value]) as (string | null)[]))
}

/** The servers have regular expressions of their own; MariaDB's takes no empty side of a bar. */
function matches(dialect: 'mysql' | 'postgresql', column: string, pattern: string) {
  return dialect === 'mysql' ? sql`${sql.ref(column)} regexp ${pattern.replaceAll('|', '\\|')}` : sql`${sql.ref(column)} ~ ${pattern}`
}

/** SQLite has none, and libsql takes no function of ours. */
function matchesAll(patterns: readonly (readonly [string, unknown])[]): (row: InstanceRow) => boolean {
  const expressions = patterns.map(([column, pattern]) => [column, regularExpression(String(pattern))] as const)
  return (row) => expressions.every(([column, expression]) => expression.test(String(row[column as keyof InstanceRow] ?? '')))
}

function regularExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern)
  } catch (err) {
    throw novaError('InvalidInput', { reason: `${pattern} is no regular expression` }, { cause: err })
  }
}
