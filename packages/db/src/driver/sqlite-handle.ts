import { isModuleMissing } from './library.js'
import type { SqliteHandle, SqliteStatement, SqliteValue } from './sqlite.js'

/** The library `libsql`; where it has no binary for this machine, the SQLite that newer versions of Node bring. */
export async function openHandle(path: string): Promise<SqliteHandle> {
  try {
    return await openLibsql(path)
  } catch (err) {
    if (!isModuleMissing(err)) throw err
    return await openNodeSqlite(path, err)
  }
}

async function openLibsql(path: string): Promise<SqliteHandle> {
  const { default: Libsql } = await import('libsql')
  const database = new Libsql(path)
  return {
    exec: (sql) => void database.exec(sql),
    close: () => void database.close(),
    prepare(sql): SqliteStatement {
      const statement = database.prepare(sql)
      return {
        columns: statement.reader ? statement.columns() : [],
        all: (parameters) => statement.all(parameters) as Record<string, unknown>[],
        run: (parameters) => statement.run(parameters),
      }
    },
  }
}

/** What is used of `node:sqlite`, which the types of Node 20 do not know. */
interface NodeSqlite {
  DatabaseSync: new (
    path: string,
  ) => {
    exec(sql: string): void
    close(): void
    prepare(sql: string): {
      columns(): { name: string; type: string | null }[]
      all(...parameters: readonly SqliteValue[]): Record<string, unknown>[]
      run(...parameters: readonly SqliteValue[]): { changes: number | bigint; lastInsertRowid: number | bigint }
    }
  }
}

async function openNodeSqlite(path: string, libsqlError: unknown): Promise<SqliteHandle> {
  const name = 'node:sqlite'
  const sqlite: NodeSqlite = await import(name).catch(() => {
    throw new Error('neither libsql nor this version of Node brings SQLite for this machine', { cause: libsqlError })
  })
  const database = new sqlite.DatabaseSync(path)
  return {
    exec: (sql) => database.exec(sql),
    close: () => database.close(),
    prepare(sql): SqliteStatement {
      const statement = database.prepare(sql)
      return {
        columns: statement.columns(),
        all: (parameters) => statement.all(...parameters),
        run: (parameters) => statement.run(...parameters),
      }
    },
  }
}
