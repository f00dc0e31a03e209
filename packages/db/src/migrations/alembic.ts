import { type Kysely, sql } from 'kysely'
import type { CellDatabase } from '../schema/index.js'

/** Revisions of Nova's cell schema up to Zed, oldest first. @see nova 26.2.2, `db/main/migrations/versions` */
export const revisions = ['8f2f1571d55b', '16f1fbcab42b', 'ccb0fa1a2252'] as const

/** What Zed's `nova-manage db version` prints of an up-to-date cell. */
export const headRevision: (typeof revisions)[number] = 'ccb0fa1a2252'

/** The same of the API database. @see nova 26.2.2, `db/api/migrations/versions` */
export const apiRevisions = ['d67eeaabee36', 'b30f573d3377'] as const

/** What Zed's `nova-manage api_db version` prints. */
export const apiHeadRevision: (typeof apiRevisions)[number] = 'b30f573d3377'

/** The revision that Alembic recorded; `null` if it recorded none. The table may be absent. */
export async function recordedRevision(db: Kysely<CellDatabase>, tables: ReadonlySet<string>): Promise<string | null> {
  if (!tables.has('alembic_version')) return null
  const row = await db.selectFrom('alembic_version').select('version_num').executeTakeFirst()
  return row?.version_num ?? null
}

/** Record that the schema is at `revision` now. */
export async function recordRevision(db: Kysely<CellDatabase>, revision: string): Promise<void> {
  await db.deleteFrom('alembic_version').execute()
  await db.insertInto('alembic_version').values({ version_num: revision }).execute()
}

/** Run DDL that was put together as a text. */
export async function execute(db: Kysely<CellDatabase>, statement: string): Promise<void> {
  await sql.raw(statement).execute(db)
}
