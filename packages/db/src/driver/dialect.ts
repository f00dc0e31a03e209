import {
  type Dialect as KyselyDialect,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { Dialect } from '../schema/table.js'
import type { SqlConnection } from './connection.js'
import { PooledDriver } from './driver.js'
import type { ConnectionPool } from './pool.js'

/** Kysely's dialects over our pool: one driver for all three. */
export function createDialect(dialect: Dialect, pool: ConnectionPool<SqlConnection>): KyselyDialect {
  switch (dialect) {
    case 'sqlite':
      return {
        createDriver: () => new PooledDriver(pool, 'BEGIN IMMEDIATE'),
        createQueryCompiler: () => new SqliteQueryCompiler(),
        createAdapter: () => new SqliteAdapter(),
        createIntrospector: (db) => new SqliteIntrospector(db),
      }
    case 'mysql':
      return {
        createDriver: () => new PooledDriver(pool, 'BEGIN'),
        createQueryCompiler: () => new MysqlQueryCompiler(),
        createAdapter: () => new MysqlAdapter(),
        createIntrospector: (db) => new MysqlIntrospector(db),
      }
    case 'postgresql':
      return {
        createDriver: () => new PooledDriver(pool, 'BEGIN'),
        createQueryCompiler: () => new PostgresQueryCompiler(),
        createAdapter: () => new PostgresAdapter(),
        createIntrospector: (db) => new PostgresIntrospector(db),
      }
  }
}
