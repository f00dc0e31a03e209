import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { FakeClock, temporaryFolder } from '@micronova/testing'
import { fakeDeps, settingsWith, TextStream } from '../test/settings.js'
import { clientDebugLevels } from './client-debug-levels.js'
import { LogError } from './errors.js'
import type { LogSettings } from './options.js'
import { setupLogging } from './setup-logging.js'

process.env.TZ = 'UTC'

const soon = () => AbortSignal.timeout(5_000)

function logging(changes: Partial<LogSettings> = {}, deps: Parameters<typeof fakeDeps>[0] = {}) {
  const all = fakeDeps(deps)
  const made = setupLogging(settingsWith(changes), all)
  return {
    made,
    stderr: all.stderr,
    /** The lines on standard output, from the level on. */
    async lines(): Promise<string[]> {
      await made.flush(soon())
      return all.stdout.lines.map((line) => line.replace(/^2023-01-01 00:00:0\d\.\d{3} \d+ /, ''))
    },
  }
}

test('a line has time, process, level, name, request, instance and message', async () => {
  const { made, lines } = logging()
  const log = made.getLogger('nova.compute.manager')
  log.info('started')
  const context = { requestId: 'req-1', userId: 'u', projectId: 'p' }
  log.with({ context }).warning('slow', { instanceUuid: '1-2' })
  await made.flush(soon())
  assert.deepEqual(await lines(), [
    'INFO nova.compute.manager [-] started',
    'WARNING nova.compute.manager [None req-1 u p - - - -] [instance: 1-2] slow',
  ])
})

test('the time and the process id stand first', async () => {
  const stdout = new TextStream()
  const { made } = logging({}, { stdout, clock: new FakeClock(Date.UTC(2022, 10, 22, 14, 49, 33, 7)) })
  made.root.info('x')
  await made.flush(soon())
  assert.equal(stdout.text, `2022-11-22 14:49:33.007 ${process.pid} INFO root [-] x\n`)
})

test('the longest configured name that is a prefix decides about the level', async () => {
  const { made, lines } = logging({ default_log_levels: ['a=ERROR', 'a.b=DEBUG', 'ab=NOTSET'] })
  for (const name of ['a', 'a.x', 'a.b', 'a.b.c', 'ab', 'a.bc']) {
    made.getLogger(name).info('info')
    made.getLogger(name).debug('debug')
  }
  const names = (await lines()).map((line) => line.split(' ', 2).join(' '))
  assert.deepEqual(names, ['INFO a.b', 'DEBUG a.b', 'INFO a.b.c', 'DEBUG a.b.c', 'INFO ab'])
  assert.deepEqual([made.getLogger('a.x').isEnabled('ERROR'), made.getLogger('a.x').isEnabled('WARNING')], [true, false])
})

test("Nova's own levels hold: quiet clients, and loud ones with their debug options", () => {
  const { made } = logging({ debug: true })
  const enabled = (name: string) => made.getLogger(name).isEnabled('INFO')
  assert.deepEqual(['amqp.connection', 'glanceclient.v2', 'oslo.messaging', 'nova'].map(enabled), [false, false, true, true])
  assert.equal(made.getLogger('oslo.messaging').isEnabled('DEBUG'), false)
  const loud = logging({}, { extraLevels: clientDebugLevels({ glance: true, cinder: true }) }).made
  assert.deepEqual(
    ['glanceclient', 'cinderclient', 'os_brick', 'nova'].map((name) => loud.getLogger(name).isEnabled('DEBUG')),
    [true, true, true, false],
  )
  assert.deepEqual(clientDebugLevels({ glance: false, cinder: false }), [])
})

test("loggers of oslo's libraries are put under oslo", () => {
  const { made } = logging()
  assert.equal(made.getLogger('oslo_messaging.rpc').name, 'oslo.messaging.rpc')
  assert.equal(made.root.child('oslo_policy').name, 'oslo.policy')
  assert.equal(made.getLogger('nova').child('oslo_x').name, 'nova.oslo_x')
})

test('a DEBUG line says where it comes from', async () => {
  const { made, lines } = logging({ debug: true })
  function spawn() {
    made.getLogger('nova').debug('deciding')
  }
  spawn()
  assert.match((await lines())[0] ?? '', /^DEBUG nova \[-\] deciding spawn .*\/setup-logging\.test\.js:\d+$/)
})

test('levels can be changed while loggers are in use', async () => {
  const { made, lines } = logging()
  const log = made.getLogger('nova.compute')
  log.debug('1')
  made.setLevels({ debug: true })
  log.debug('2')
  made.setLevels({ levels: ['nova=ERROR'] })
  log.warning('3')
  made.setLevels({ levels: ['nova=NOTSET'], debug: false })
  log.info('4')
  log.debug('5')
  assert.throws(() => made.setLevels({ levels: ['nova=LOUD'] }), LogError)
  assert.deepEqual(
    (await lines()).map((line) => line.split(' ')[3]),
    ['2', '4'],
  )
})

test('after SIGHUP the debug option is taken over', async () => {
  const settings = { ...settingsWith() }
  const made = setupLogging(settings, fakeDeps())
  Object.assign(settings, { debug: true })
  await made.reconfigure()
  assert.equal(made.getLogger('nova').isEnabled('DEBUG'), true)
})

test('a file of log_config_append takes the place of the options, and is read again on SIGHUP', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'logging.conf')
  const config = (path: string) => `[loggers]\nkeys=root,n\n[handlers]\nkeys=f\n[formatters]\nkeys=p\n[logger_root]\nlevel=ERROR\nhandlers=f
[logger_n]\nqualname=nova.compute\nlevel=DEBUG\nhandlers=\n[handler_f]\nclass=FileHandler\nargs=('${path}',)\nformatter=p
[formatter_p]\nformat=%(levelname)s %(name)s %(message)s\n`
  const [first, second] = [join(folder, 'first.log'), join(folder, 'second.log')]
  writeFileSync(file, config(first))
  const { made, stderr } = logging({ log_config_append: file, log_file: join(folder, 'unused.log') })
  const log = made.getLogger('nova.compute.x')
  log.debug('one', { err: new Error('an error') })
  made.getLogger('nova').warning('not important')
  writeFileSync(file, config(second))
  await made.reconfigure()
  log.info('two')
  writeFileSync(file, 'nonsense')
  await assert.rejects(made.reconfigure(), /logging\.conf:1: 'nonsense' is neither/)
  log.info('three')
  await made.close(soon())
  assert.match(readFileSync(first, 'utf8'), /^DEBUG nova\.compute\.x one\nError: an error\n {4}at .*/)
  assert.equal(readFileSync(second, 'utf8'), 'INFO nova.compute.x two\nINFO nova.compute.x three\n')
  assert.equal(existsSync(join(folder, 'unused.log')), false)
  assert.equal(stderr.text, '')
})

test('a mistake in an option or a file is refused in one sentence, and nothing stays open', (t) => {
  const folder = temporaryFolder(t)
  const refused: readonly (readonly [Partial<LogSettings>, LogError['code'], RegExp])[] = [
    [{ logging_default_format_string: '%(nonsense)s' }, 'bad_option', /^logging_default_format_string: there is no %\(nonsense\)s$/],
    [
      { rate_limit_burst: 1, rate_limit_interval: 1, rate_limit_except_level: 'X' },
      'bad_option',
      /^rate_limit_except_level: 'X' is not a log level$/,
    ],
    [{ log_config_append: join(folder, 'none') }, 'bad_config_file', /^log_config_append: cannot read .*\/none: ENOENT/],
    [{ log_file: join(folder, 'none', 'x.log') }, 'cannot_open', /^cannot write the log file .*\/none\/x\.log: ENOENT/],
  ]
  for (const [changes, code, message] of refused)
    assert.throws(
      () => logging(changes),
      (err) => err instanceof LogError && err.code === code && message.test(err.message),
    )
})

test('secrets in messages and errors are masked', async () => {
  const { made, lines } = logging()
  made.getLogger('nova').error('login with password=abc failed', { err: new Error('rabbit://nova:abc@host is gone') })
  const text = (await lines()).join('\n')
  assert.match(text, /password=\*\*\* failed: Error: rabbit:\/\/nova:\*\*\*@host is gone/)
  assert.doesNotMatch(text, /abc/)
})

test('lines of an error have the prefix, their causes included', async () => {
  const { made, lines } = logging()
  made.getLogger('nova').warning('trying again', { err: new Error('outer', { cause: new Error('inner') }), instanceUuid: '1-2' })
  const [head, ...rest] = await lines()
  assert.equal(head, 'WARNING nova [-] [instance: 1-2] trying again: Error: outer')
  assert.ok(rest.every((line) => line.startsWith('ERROR nova [instance: 1-2] ')))
  assert.ok(rest.includes('ERROR nova [instance: 1-2] Caused by: Error: inner'))
})

test('a very long message is cut', async () => {
  const { made, lines } = logging()
  made.root.info('x'.repeat(1_000_000))
  assert.match((await lines())[0] ?? '', /x{65536}\.\.\. \(934464 more characters\)$/)
})

test('a line of the heartbeat thread that means nothing is suppressed', async () => {
  const { made, lines } = logging()
  const log = made.getLogger('oslo_messaging._drivers.impl_rabbit')
  log.error('Unexpected error during heartbeat thread processing, retrying...')
  log.error('Connection failed')
  assert.deepEqual(await lines(), ['ERROR oslo.messaging._drivers.impl_rabbit [-] Connection failed'])
})

test('a rate limit drops lines of all loggers together, with one notice', async () => {
  const { made, lines } = logging({ rate_limit_burst: 2, rate_limit_interval: 60 })
  for (const name of ['a', 'b', 'c', 'd']) made.getLogger(name).info('x')
  made.getLogger('e').critical('x')
  assert.deepEqual(await lines(), [
    'INFO a [-] x',
    'INFO b [-] x',
    'ERROR root [-] Logging rate limit: drop after 2 records/60 sec',
    'CRITICAL e [-] x',
  ])
})

test('colours are for terminals alone', async () => {
  const colored = { logging_default_format_string: '%(color)s%(message)s' }
  const terminal = new TextStream({ isTTY: true })
  const { made } = logging(colored, { stdout: terminal })
  made.root.error('x')
  await made.flush(soon())
  assert.equal(terminal.text, '\x1b[01;31mx\x1b[00m\n')
  const { made: plain, lines } = logging(colored)
  plain.root.error('x')
  assert.deepEqual(await lines(), ['x'])
})

test('options without effect are named in one warning', async () => {
  const { lines } = logging({ publish_errors: true, use_eventlog: true })
  assert.deepEqual(await lines(), ['WARNING nova.log [-] set but without effect: publish_errors, use_eventlog'])
})

test('reopen lets go of a log file that has been moved', async (t) => {
  const path = join(temporaryFolder(t), 'x.log')
  const { made } = logging({ log_file: path, use_json: true })
  made.root.info('one')
  await made.flush(soon())
  renameSync(path, `${path}.1`)
  made.reopen()
  made.root.info('two')
  await made.close(soon())
  assert.deepEqual(
    [`${path}.1`, path].map((file) => (JSON.parse(readFileSync(file, 'utf8')) as { message: string }).message),
    ['one', 'two'],
  )
})

test('the last words are in the file before the call returns', (t) => {
  const path = join(temporaryFolder(t), 'x.log')
  const { made, stderr } = logging({ log_file: path })
  made.getLogger('nova').info('before')
  made.fatal('Unhandled error', { err: new Error('the end') })
  assert.match(readFileSync(path, 'utf8'), /INFO nova \[-\] before\n.* CRITICAL nova \[-\] Unhandled error: Error: the end\n/)
  assert.equal(stderr.text, '')
})

test('trouble with a file is told once on standard error, without a secret', async (t) => {
  const folder = join(temporaryFolder(t), 'password=abc')
  const clock = new FakeClock()
  mkdirSync(folder)
  const { made, stderr } = logging({ log_file: join(folder, 'x.log') }, { clock })
  renameSync(folder, `${folder}.away`)
  await clock.advance(1_000)
  made.root.info('one')
  if (stderr.text === '') await once(stderr, 'data')
  assert.match(stderr.text, /^nova-compute: log lines cannot be written to .*\/password=\*\*\* \(ENOENT: .*\) and wait in memory\n$/)
  renameSync(`${folder}.away`, folder)
  await made.close(soon())
  assert.match(readFileSync(join(folder, 'x.log'), 'utf8'), / INFO root \[-\] one\n$/)
  assert.deepEqual(
    made.stats.outputs.map((output) => [output.written, output.lost, output.failure]),
    [[1, 0, null]],
  )
})

test('a line that cannot be made does no harm', () => {
  const { made } = logging()
  const hostile = {
    get requestId(): string {
      throw new Error('never')
    },
  }
  made.root.info('x', { context: hostile })
  assert.equal(made.stats.failed, 1)
})
