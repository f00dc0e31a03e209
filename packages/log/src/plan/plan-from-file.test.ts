import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogError } from '../errors.js'
import { planFromFile } from './plan-from-file.js'

/** In the manner of the logging_sample.conf that operators of Nova begin with. */
const sample = `
[loggers]
keys = root, nova, quiet

[handlers]
keys = stderr, watchedfile, syslog, null

[formatters]
keys = context, default

[logger_root]
level = WARNING
handlers = null

[logger_nova]
level = INFO
handlers = stderr, watchedfile
qualname = nova
propagate = 0

[logger_quiet]
level = NOTSET
handlers =
qualname = nova.quiet

[handler_stderr]
class = StreamHandler
args = (sys.stderr,)
formatter = context

[handler_watchedfile]
class = handlers.WatchedFileHandler
level = ERROR
args = ('/var/log/nova.log', 'a')
formatter = context

[handler_syslog]
class = handlers.SysLogHandler
args = ('/dev/log', handlers.SysLogHandler.LOG_DAEMON)
formatter = default

[handler_null]
class = logging.NullHandler
formatter = default
args = ()

[formatter_context]
class = oslo_log.formatters.ContextFormatter
datefmt = %H:%M:%S

[formatter_default]
; a comment
format = %(levelname)s: %(message)s
`

/** A file with one root handler. */
function oneHandler(handler: string, formatter = ''): string {
  return `[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=f\n[logger_root]\nhandlers=h\n[handler_h]\n${handler}\nformatter=f\n[formatter_f]\n${formatter}\n`
}

const outputOf = (handler: string) => planFromFile(oneHandler(handler), 'x.conf').get('')?.handlers[0]?.output
const formatOf = (formatter: string) => planFromFile(oneHandler('class=StreamHandler', formatter), 'x.conf').get('')?.handlers[0]?.format

test('loggers, handlers and formatters of a sample are understood', () => {
  const plan = planFromFile(sample, 'logging.conf')
  const context = { kind: 'context', dateFormat: '%H:%M:%S' } as const
  const nova = plan.get('nova')
  assert.deepEqual([...plan.keys()], ['', 'nova', 'nova.quiet'])
  assert.deepEqual(nova, {
    levelNumber: 20,
    propagate: false,
    handlers: [
      { output: { kind: 'stderr', color: false }, format: context, levelNumber: 0 },
      { output: { kind: 'file', path: '/var/log/nova.log', watch: false, rotation: null }, format: context, levelNumber: 40 },
    ],
  })
  assert.deepEqual(plan.get('')?.handlers[0]?.output, { kind: 'null' })
  assert.deepEqual(plan.get('nova.quiet'), { levelNumber: 0, handlers: [], propagate: true })
})

test('the handler classes that services use are known', () => {
  const file = { kind: 'file', path: '/x.log', watch: false } as const
  const cases: readonly (readonly [string, unknown])[] = [
    ['class=logging.StreamHandler\nargs=()', { kind: 'stderr', color: false }],
    ['class=StreamHandler\nargs=(sys.stdout,)', { kind: 'stdout', color: false }],
    ['class=oslo_log.handlers.ColorHandler\nargs=(sys.stdout,)', { kind: 'stdout', color: true }],
    ["class=FileHandler\nargs=('/x.log',)", { ...file, rotation: null }],
    ["class=FileHandler\nkwargs={'filename': '/x.log', 'mode': 'a'}", { ...file, rotation: null }],
    ["class=oslo_log.watchers.FastWatchedFileHandler\nargs=('/x.log',)", { ...file, watch: true, rotation: null }],
    [
      "class=logging.handlers.RotatingFileHandler\nargs=('/x.log', 'a', 10*1024*1024, 5)",
      { ...file, rotation: { kind: 'size', maxBytes: 10_485_760, keep: 5 } },
    ],
    [
      "class=handlers.TimedRotatingFileHandler\nargs=(r'/x.log', 'midnight')",
      { ...file, rotation: { kind: 'interval', schedule: { unit: 'midnight' }, keep: 0 } },
    ],
    [
      "class=handlers.TimedRotatingFileHandler\nargs=('/x.log', 'H', 6, 3)",
      { ...file, rotation: { kind: 'interval', schedule: { unit: 'hours', every: 6 }, keep: 3 } },
    ],
    ["class=handlers.SysLogHandler\nargs=('/dev/log', 'local1')", { kind: 'syslog', path: '/dev/log', facility: 17 }],
    [
      "class=handlers.SysLogHandler\nargs=(('192.0.2.1', 5140), handlers.SysLogHandler.LOG_DAEMON)",
      { kind: 'syslog_udp', host: '192.0.2.1', port: 5140, facility: 3 },
    ],
    ['class=handlers.SysLogHandler\nargs=()', { kind: 'syslog_udp', host: 'localhost', port: 514, facility: 1 }],
    ["class=oslo_log.handlers.OSSysLogHandler\nargs=('daemon',)", { kind: 'syslog', path: '/dev/log', facility: 3 }],
    ['class=oslo_log.handlers.OSJournalHandler\nargs=()', { kind: 'journal', path: '/run/systemd/journal/stdout' }],
  ]
  for (const [handler, expected] of cases) assert.deepEqual(outputOf(handler), expected, handler)
})

test('the formatter classes that services use are known', () => {
  const where = 'x.conf: [formatter_f] format'
  assert.deepEqual(formatOf('class=oslo_log.formatters.JSONFormatter'), { kind: 'json', dateFormat: '' })
  assert.deepEqual(formatOf('class=logging.Formatter\nformat=%(message)s!\ndatefmt=%s'), {
    kind: 'plain',
    format: '%(message)s!',
    dateFormat: '%s',
    where,
  })
  assert.deepEqual(formatOf('format=%(name)s\n  %(message)s'), { kind: 'plain', format: '%(name)s\n%(message)s', dateFormat: '', where })
})

test('what is not understood is refused with file, and section or line', () => {
  const refused: readonly (readonly [string, string])[] = [
    ['[loggers]\nkeys root\n', "x.conf:2: 'keys root' is neither a section nor an option"],
    ['keys = root\n', 'x.conf:1: an option before the first section'],
    ['[loggers]\n[handlers]\n[loggers]\n', 'x.conf:3: section [loggers] stands there twice'],
    ['[loggers]\nkeys=root\n', 'x.conf: [formatters] the section is missing'],
    ['[loggers]\nkeys=a\n[handlers]\n[formatters]\n', 'x.conf: [loggers] there is no root among the keys'],
    [sample.replace('handlers = null', 'handlers = nil'), "x.conf: [logger_root] handler 'nil' is not among the keys of [handlers]"],
    [sample.replace('qualname = nova\n', ''), 'x.conf: [logger_nova] qualname is missing'],
    [sample.replace('level = INFO', 'level = LOUD'), "x.conf: [logger_nova] level: 'LOUD' is not a log level"],
    [
      sample.replace('class = StreamHandler', 'class = handlers.SMTPHandler'),
      "x.conf: [handler_stderr] handler class 'handlers.SMTPHandler' is not known",
    ],
    [sample.replace('(sys.stderr,)', '(open("x"),)'), "x.conf: [handler_stderr] ')' is missing before '('"],
    [sample.replace('(sys.stderr,)', '(sys.stderr,'), 'x.conf: [handler_stderr] a value is missing'],
    [sample.replace('(sys.stderr,)', '(1 + 1,)'), "x.conf: [handler_stderr] '+ 1,)' is not a literal"],
    [sample.replace('(sys.stderr,)', '(sys.stdin,)'), 'x.conf: [handler_stderr] stream is neither sys.stdout nor sys.stderr'],
    [sample.replace("'/var/log/nova.log', 'a'", "'/var/log/nova.log', 'w'"), "x.conf: [handler_watchedfile] a file's mode can only be 'a'"],
    [
      sample.replace('formatter = context', 'formatter = none'),
      "x.conf: [handler_stderr] formatter 'none' is not among the keys of [formatters]",
    ],
    [
      sample.replace('oslo_log.formatters.ContextFormatter', 'my.Formatter'),
      'x.conf: [formatter_context] formatter class my.Formatter is not known',
    ],
  ]
  for (const [text, message] of refused)
    assert.throws(
      () => planFromFile(text, 'x.conf'),
      (err) => {
        assert.ok(err instanceof LogError)
        assert.deepEqual([err.code, err.message], ['bad_config_file', message])
        return true
      },
    )
})
