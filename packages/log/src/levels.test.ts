import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogError } from './errors.js'
import { parseFacility, parseLevel, syslogSeverity } from './levels.js'

test('a level is a name of Python or a number', () => {
  const texts = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'WARNING', 'ERROR', 'CRITICAL', 'FATAL', 'NOTSET', '15']
  assert.deepEqual(
    texts.map((text) => parseLevel(text, 'x')),
    [5, 10, 20, 30, 30, 40, 50, 50, 0, 15],
  )
})

test('a level that is none is refused with the place where it stands', () => {
  for (const text of ['', 'info', 'LOUD', '1.5'])
    assert.throws(
      () => parseLevel(text, 'default_log_levels: a=b'),
      (err) =>
        err instanceof LogError && err.code === 'bad_option' && err.message === `default_log_levels: a=b: '${text}' is not a log level`,
    )
})

test("syslog's severities are oslo.log's", () => {
  assert.deepEqual([5, 10, 20, 30, 40, 50].map(syslogSeverity), [7, 7, 6, 4, 3, 2])
})

test('a syslog facility may be written with or without LOG_, in either case', () => {
  assert.deepEqual(
    ['LOG_USER', 'user', 'daemon', 'LOG_LOCAL0', 'local7'].map((text) => parseFacility(text, 'x')),
    [1, 1, 3, 16, 23],
  )
  assert.throws(() => parseFacility('LOG_LOCAL8', 'syslog_log_facility'), /syslog_log_facility: 'LOG_LOCAL8' is not a syslog facility/)
})
