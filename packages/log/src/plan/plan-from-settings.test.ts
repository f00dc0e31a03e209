import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settingsWith } from '../../test/settings.js'
import { LogError } from '../errors.js'
import type { LogSettings } from '../options.js'
import type { OutputPlan } from './plan.js'
import { logFilePath, planFromSettings } from './plan-from-settings.js'

function plan(changes: Partial<LogSettings> = {}, extraLevels: readonly string[] = []) {
  return planFromSettings(settingsWith(changes), { program: 'nova-compute', extraLevels })
}

const outputsOf = (changes: Partial<LogSettings>): OutputPlan[] => (plan(changes).get('')?.handlers ?? []).map((handler) => handler.output)
const kindsOf = (changes: Partial<LogSettings>) => outputsOf(changes).map((output) => output.kind)

test('standard output is used if there is no file, standard error or journal', () => {
  assert.deepEqual(kindsOf({}), ['stdout'])
  assert.deepEqual(kindsOf({ use_syslog: true }), ['stdout', 'syslog'])
  assert.deepEqual(kindsOf({ use_stderr: true }), ['stderr'])
  assert.deepEqual(kindsOf({ use_journal: true }), ['journal'])
  assert.deepEqual(kindsOf({ log_file: 'x', use_stderr: true, use_journal: true, use_syslog: true }), [
    'file',
    'stderr',
    'journal',
    'syslog',
  ])
})

test('the log file is log_file within log_dir, or named after the program', () => {
  const path = (log_file: string | null, log_dir: string | null) => logFilePath({ log_file, log_dir }, 'nova-compute')
  assert.equal(path(null, null), null)
  assert.equal(path('/a/b.log', null), '/a/b.log')
  assert.equal(path('b.log', '/a'), '/a/b.log')
  assert.equal(path('/b.log', '/a'), '/b.log', "as Python's os.path.join has it")
  assert.equal(path(null, '/a'), '/a/nova-compute.log')
  assert.equal(path('b.log', null), `${process.cwd()}/b.log`)
})

test('rotation follows its options, but a watched file is not rotated', () => {
  const rotation = (changes: Partial<LogSettings>) => {
    const [file] = outputsOf({ log_file: '/x', ...changes })
    return file?.kind === 'file' ? file.rotation : assert.fail('no file')
  }
  assert.equal(rotation({}), null)
  assert.deepEqual(rotation({ log_rotation_type: 'Size' }), { kind: 'size', maxBytes: 200 * 1024 * 1024, keep: 30 })
  assert.deepEqual(rotation({ log_rotation_type: 'interval' }), { kind: 'interval', schedule: { unit: 'days', every: 1 }, keep: 30 })
  const weekly = { log_rotation_type: 'interval', log_rotate_interval_type: 'Weekday', log_rotate_interval: 6 }
  assert.deepEqual(rotation(weekly), { kind: 'interval', schedule: { unit: 'weekday', day: 6 }, keep: 30 })
  const nightly = { log_rotation_type: 'interval', log_rotate_interval_type: 'midnight', max_logfile_count: 7 }
  assert.deepEqual(rotation(nightly), { kind: 'interval', schedule: { unit: 'midnight' }, keep: 7 })
  assert.equal(rotation({ log_rotation_type: 'size', watch_log_file: true }), null)
})

test('levels come from debug, default_log_levels and those added to them, the last one counting', () => {
  assert.equal(plan().get('')?.levelNumber, 20)
  assert.equal(plan({ debug: true }).get('')?.levelNumber, 10)
  assert.equal(plan().get('glanceclient')?.levelNumber, 30)
  assert.equal(plan({}, ['glanceclient=DEBUG']).get('glanceclient')?.levelNumber, 10)
  assert.equal(plan({ default_log_levels: ['a.b=15'] }).get('a.b')?.levelNumber, 15)
  assert.equal(plan({ default_log_levels: [] }).get('amqp'), undefined)
})

test('lines are JSON if use_json says so, with the date format of the options', () => {
  assert.deepEqual(plan({ use_json: true, log_date_format: '%s' }).get('')?.handlers[0]?.format, { kind: 'json', dateFormat: '%s' })
})

test('a value that makes no sense is refused with its option', () => {
  const refused: readonly (readonly [Partial<LogSettings>, string])[] = [
    [{ default_log_levels: ['amqp=LOUD'] }, "default_log_levels: amqp=LOUD: 'LOUD' is not a log level"],
    [{ default_log_levels: ['amqp'] }, "default_log_levels: amqp: '' is not a log level"],
    [{ use_syslog: true, syslog_log_facility: 'x' }, "syslog_log_facility: 'x' is not a syslog facility"],
    [{ log_file: 'x', log_rotation_type: 'interval', log_rotate_interval: 0 }, 'log_rotate_interval: 0 is less than 1'],
    [
      { log_file: 'x', log_rotation_type: 'interval', log_rotate_interval_type: 'weekday', log_rotate_interval: 7 },
      'log_rotate_interval: 7 is not a weekday, 0 (Monday) to 6',
    ],
  ]
  for (const [changes, message] of refused)
    assert.throws(
      () => plan(changes),
      (err) => err instanceof LogError && err.code === 'bad_option' && err.message === message,
    )
})
