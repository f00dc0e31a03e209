import { defineOptions, opt, type Section } from '@micronova/config'

const ignored = 'Ignored if log_config_append is set.'

/**
 * Every option of oslo.log, under its names and with the defaults that Nova gives them.
 *
 * @see oslo.log 5.0.1, `_options.py`, `versionutils.py`; nova 26.2.2, `config.py`, `set_log_defaults`
 */
export const logOptions = defineOptions('DEFAULT', {
  debug: opt.boolean({
    default: false,
    mutable: true,
    cli: { short: 'd' },
    help: 'Write lines of level DEBUG too, not only INFO and above.',
  }),
  log_config_append: opt.string({
    mutable: true,
    cli: true,
    metavar: 'PATH',
    deprecatedNames: [{ name: 'log-config' }, { name: 'log_config' }],
    help: 'A logging configuration file in the format of Python. It replaces all other options about logging.',
  }),
  log_date_format: opt.string({
    default: '%Y-%m-%d %H:%M:%S',
    cli: true,
    metavar: 'DATE_FORMAT',
    help: `How %(asctime)s is written, in the terms of strftime. ${ignored}`,
  }),
  log_file: opt.string({
    cli: true,
    metavar: 'PATH',
    deprecatedNames: [{ name: 'logfile' }],
    help: `Write the log to this file; relative to log_dir if that is set. ${ignored}`,
  }),
  log_dir: opt.string({
    cli: true,
    deprecatedNames: [{ name: 'logdir' }],
    help: `The folder of log_file. Without log_file, the log is written to <program>.log in it. ${ignored}`,
  }),
  watch_log_file: opt.boolean({
    default: false,
    cli: true,
    help: `Notice a moved or removed log file before each write, not only once a second. ${ignored}`,
  }),
  use_syslog: opt.boolean({ default: false, cli: true, help: `Write to syslog too. ${ignored}` }),
  use_journal: opt.boolean({ default: false, cli: true, help: `Write to systemd's journal. ${ignored}` }),
  syslog_log_facility: opt.string({ default: 'LOG_USER', cli: true, help: `The syslog facility of the lines. ${ignored}` }),
  use_json: opt.boolean({ default: false, cli: true, help: `Write each line as a JSON object. ${ignored}` }),
  use_stderr: opt.boolean({ default: false, help: `Write to standard error. ${ignored}` }),
  use_eventlog: opt.boolean({ default: false, help: 'Write to the event log of Windows. Has no effect here.' }),
  log_rotate_interval: opt.integer({ default: 1, help: 'Units of log_rotate_interval_type between two rotations.' }),
  log_rotate_interval_type: opt.string({
    choices: ['Seconds', 'Minutes', 'Hours', 'Days', 'Weekday', 'Midnight'],
    ignoreCase: true,
    default: 'days',
    help: 'Unit of log_rotate_interval. With Weekday the interval is the day, 0 for Monday.',
  }),
  max_logfile_count: opt.integer({ default: 30, help: 'How many rotated files are kept.' }),
  max_logfile_size_mb: opt.integer({ default: 200, help: 'Size at which a log file is rotated, in MiB, if log_rotation_type is size.' }),
  log_rotation_type: opt.string({
    choices: ['interval', 'size', 'none'],
    ignoreCase: true,
    default: 'none',
    help: 'Whether this service rotates its log file itself, and when.',
  }),
  logging_context_format_string: opt.string({
    default:
      '%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [%(global_request_id)s %(request_id)s %(user_identity)s] %(instance)s%(message)s',
    help: 'Format of a line that belongs to a request.',
  }),
  logging_default_format_string: opt.string({
    default: '%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(instance)s%(message)s',
    help: 'Format of a line that belongs to no request.',
  }),
  logging_debug_format_suffix: opt.string({
    default: '%(funcName)s %(pathname)s:%(lineno)d',
    help: 'Added to the format of a line of level DEBUG.',
  }),
  logging_exception_prefix: opt.string({
    default: '%(asctime)s.%(msecs)03d %(process)d ERROR %(name)s %(instance)s',
    help: 'Stands before each line of an exception.',
  }),
  logging_user_identity_format: opt.string({
    default: '%(user)s %(project)s %(domain)s %(system_scope)s %(user_domain)s %(project_domain)s',
    help: 'Format of %(user_identity)s.',
  }),
  default_log_levels: opt.list({
    item: { type: 'String' },
    default: [
      'amqp=WARN',
      'amqplib=WARN',
      'boto=WARN',
      'qpid=WARN',
      'sqlalchemy=WARN',
      'suds=INFO',
      'oslo.messaging=INFO',
      'oslo_messaging=INFO',
      'iso8601=WARN',
      'requests.packages.urllib3.connectionpool=WARN',
      'urllib3.connectionpool=WARN',
      'websocket=WARN',
      'requests.packages.urllib3.util.retry=WARN',
      'urllib3.util.retry=WARN',
      'keystonemiddleware=WARN',
      'routes.middleware=WARN',
      'stevedore=WARN',
      'taskflow=WARN',
      'keystoneauth=WARN',
      'oslo.cache=INFO',
      'oslo_policy=INFO',
      'dogpile.core.dogpile=INFO',
      'glanceclient=WARN',
      'oslo.privsep.daemon=INFO',
    ],
    help: `Levels by logger, as logger=LEVEL pairs. ${ignored}`,
  }),
  publish_errors: opt.boolean({ default: false, help: 'Send a notification for each error. Has no effect yet.' }),
  instance_format: opt.string({ default: '[instance: %(uuid)s] ', help: 'How an instance is shown before the message.' }),
  instance_uuid_format: opt.string({
    default: '[instance: %(uuid)s] ',
    help: 'How an instance is shown of which only the UUID is known.',
  }),
  rate_limit_interval: opt.integer({ default: 0, help: 'Seconds over which lines are counted for rate_limit_burst; 0 switches it off.' }),
  rate_limit_burst: opt.integer({ default: 0, help: 'How many lines are written in each rate_limit_interval; 0 switches it off.' }),
  rate_limit_except_level: opt.string({
    default: 'CRITICAL',
    help: 'Lines of this level and above are not counted; empty: all are.',
  }),
  fatal_deprecations: opt.boolean({ default: false, help: 'Treat the use of something deprecated as an error. Has no effect here.' }),
})

/** The values of oslo.log's options. */
export type LogSettings = Section<typeof logOptions>
