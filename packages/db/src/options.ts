import { defineOptions, opt } from '@micronova/config'

const options = {
  connection: opt.string({
    secret: true,
    deprecatedNames: [
      { group: 'DEFAULT', name: 'sql_connection' },
      { group: 'DATABASE', name: 'sql_connection' },
      { group: 'sql', name: 'connection' },
    ],
    help: 'Where the database is: an SQLAlchemy URL such as mysql+pymysql://nova:PASSWORD@127.0.0.1/nova?charset=utf8.',
  }),
  slave_connection: opt.string({
    secret: true,
    help: 'Where a replica of the database is: it answers reads that may be a little behind, those of periodic tasks.',
  }),
  connection_parameters: opt.string({ default: '', help: 'Further URL parameters for `connection`, as name=value&name=value.' }),
  connection_debug: opt.integer({
    default: 0,
    min: 0,
    max: 100,
    deprecatedNames: [{ group: 'DEFAULT', name: 'sql_connection_debug' }],
    help: 'From 50 on every statement is logged at level DEBUG, with its duration and without its values.',
  }),
  sqlite_synchronous: opt.boolean({
    default: true,
    deprecatedNames: [{ group: 'DEFAULT', name: 'sqlite_synchronous' }],
    help: 'Whether SQLite waits until a commit is on the disk. Without it a power failure may cost the last transactions.',
  }),
  mysql_sql_mode: opt.string({
    default: 'TRADITIONAL',
    help: "The SQL mode set on each connection to MariaDB or MySQL; empty leaves the server's.",
  }),
  connection_recycle_time: opt.integer({
    default: 3600,
    help: 'Seconds after which a pooled connection is closed when it is next wanted.',
  }),
  max_pool_size: opt.integer({ default: 5, help: 'Connections kept open. 0 means no limit.' }),
  max_overflow: opt.integer({
    default: 50,
    deprecatedNames: [
      { group: 'DEFAULT', name: 'sql_max_overflow' },
      { group: 'DATABASE', name: 'sqlalchemy_max_overflow' },
    ],
    help: 'Connections that may be opened beyond max_pool_size; they are closed after use. -1 means no limit.',
  }),
  pool_timeout: opt.integer({
    deprecatedNames: [{ group: 'DATABASE', name: 'sqlalchemy_pool_timeout' }],
    help: 'Seconds to wait for a connection when all are in use. Default: 30.',
  }),
  max_retries: opt.integer({
    default: 10,
    deprecatedNames: [
      { group: 'DEFAULT', name: 'sql_max_retries' },
      { group: 'DATABASE', name: 'sql_max_retries' },
    ],
    help: 'How often the first connection is tried at start. -1 means for ever.',
  }),
  retry_interval: opt.integer({
    default: 10,
    deprecatedNames: [
      { group: 'DEFAULT', name: 'sql_retry_interval' },
      { group: 'DATABASE', name: 'reconnect_interval' },
    ],
    help: 'Seconds between tries of the first connection.',
  }),
  db_max_retries: opt.integer({
    default: 20,
    help: 'How often work is tried again after a lost connection or a deadlock. -1 means for ever.',
  }),
  db_retry_interval: opt.integer({ default: 1, help: 'Seconds before work is tried again after a lost connection.' }),
  db_inc_retry_interval: opt.boolean({ default: true, help: 'Whether that wait doubles with each try.' }),
  db_max_retry_interval: opt.integer({ default: 10, help: 'The longest such wait in seconds.' }),
}

/** `[database]` of nova.conf, as oslo.db has it: what this package heeds. */
export const databaseOptions = defineOptions('database', options)

/** `[api_database]`: the same of the database above the cells. */
export const apiDatabaseOptions = defineOptions('api_database', options)
