import { sql } from 'kysely'
import type { Database } from '../src/index.js'

/** Run a dump, statement by statement, on one connection. Statements end with a semicolon at the end of a line. */
export async function runScript(database: Database, script: string): Promise<void> {
  const statements = script.split(/;$/m).map((statement) => statement.trim())
  await database.kysely.connection().execute(async (db) => {
    for (const statement of statements) if (statement !== '') await sql.raw(statement).execute(db)
  })
}

/** Rows of a query, each as the text of its columns: easy to compare, and to read where they differ. */
export async function linesOf(database: Database, query: string): Promise<string[]> {
  const { rows } = await sql.raw<Record<string, unknown>>(query).execute(database.kysely)
  return rows.map((row) => Object.values(row).join(' | ')).sort()
}
