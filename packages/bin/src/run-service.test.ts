import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RunningProgram } from '../test/program.js'

test('SIGTERM stops the service, closes what was opened, and ends with status 0', async (t) => {
  const program = new RunningProgram(t, {})
  await program.heard('running')
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 0)
  assert.deepEqual(program.texts, ['starting', 'running', 'INFO Caught SIGTERM, handling', 'stopping', 'stopped', 'closed'])
})

test('a second SIGTERM ends a stop that takes its time, at once and with status 1', async (t) => {
  const program = new RunningProgram(t, { stop: 'hangs' })
  await program.heard('running')
  program.signal('SIGTERM')
  await program.heard('stopping')
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 1)
  assert.ok(program.texts.includes('INFO Caught a second SIGTERM signal, instantaneous exiting'))
})

test('SIGINT ends the process at once with status 1, without a stop', async (t) => {
  const program = new RunningProgram(t, {})
  await program.heard('running')
  program.signal('SIGINT')
  assert.equal((await program.ended()).status, 1)
  assert.deepEqual(program.texts.slice(2), ['INFO Caught SIGINT signal, instantaneous exiting', 'closed'])
})

test('a stop that outlasts graceful_shutdown_timeout is ended with status 1', async (t) => {
  const program = new RunningProgram(t, { stop: 'hangs', gracefulSeconds: 0.1 })
  await program.heard('running')
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 1)
  assert.equal(program.texts.at(-2), 'INFO Graceful shutdown timeout exceeded, instantaneous exiting')
})

test('a stop that fails is logged and ends with status 1', async (t) => {
  const program = new RunningProgram(t, { stop: 'fails' })
  await program.heard('running')
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 1)
  assert.ok(program.texts.includes('ERROR nova-test did not stop cleanly: stuck'))
})

test('a start that fails ends with status 1 and says why once', async (t) => {
  const program = new RunningProgram(t, { start: 'fails' })
  assert.equal((await program.ended()).status, 1)
  assert.deepEqual(program.texts, ['starting', 'CRITICAL nova-test could not start: no driver', 'stopping', 'stopped', 'closed'])
})

test('a start that fails by a mistake in the program keeps its error for the log', async (t) => {
  const program = new RunningProgram(t, { start: 'has a bug' })
  assert.equal((await program.ended()).status, 1)
  assert.equal(program.texts[1], 'CRITICAL nova-test could not start: x is undefined')
})

test('SIGTERM in the middle of the start cancels it and ends with status 0', async (t) => {
  const program = new RunningProgram(t, { start: 'hangs' })
  await program.heard('starting')
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 0)
  assert.deepEqual(program.texts, ['starting', 'INFO Caught SIGTERM, handling', 'stopping', 'stopped', 'closed'])
})

test('SIGTERM and SIGINT before there is anything to stop end the process at once, with their statuses', async (t) => {
  for (const [signal, status] of [
    ['SIGTERM', 0],
    ['SIGINT', 1],
  ] as const) {
    const program = new RunningProgram(t, { prepare: 'hangs' })
    await program.heard('preparing')
    program.signal(signal)
    assert.deepEqual(await program.ended(), { status, signal: null, stderr: '' })
  }
})

test('SIGHUP before there is a service is not lost: the configuration, which may be read already, is read again', async (t) => {
  const program = new RunningProgram(t, { prepare: 'hangs up' })
  await program.heard('reloaded')
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 0)
})

test('SIGHUP reads the configuration again, then resets the service, which goes on', async (t) => {
  const program = new RunningProgram(t, {})
  await program.heard('running')
  program.signal('SIGHUP')
  await program.heard('reset')
  program.signal('SIGHUP')
  await program.heard('reset', 2)
  const once = ['INFO Caught SIGHUP, handling', 'reloaded', 'reset']
  assert.deepEqual(program.texts.slice(2), [...once, ...once])
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 0)
})

test('a configuration that has become wrong is logged, and the service goes on as it was', async (t) => {
  const program = new RunningProgram(t, { reload: 'fails' })
  await program.heard('running')
  program.signal('SIGHUP')
  await program.heard('ERROR The configuration could not be read again: nova.conf:3: worse')
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 0)
  assert.ok(!program.texts.includes('reset'))
})

test('a service that cannot look again at what it has in memory says so and goes on', async (t) => {
  const program = new RunningProgram(t, { reset: 'fails' })
  await program.heard('running')
  program.signal('SIGHUP')
  await program.heard('ERROR The configuration was read again, but nova-test could not look again at what it has in memory: no database')
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 0)
})

for (const running of ['throws', 'rejects'] as const) {
  test(`an error that no one catches (it ${running}) is critical and ends with status 1`, async (t) => {
    const program = new RunningProgram(t, { running })
    assert.equal((await program.ended()).status, 1)
    assert.match(program.texts.at(-2) ?? '', /^CRITICAL Unhandled error: /)
  })
}

test('a configuration that cannot be used is one sentence on stderr, and the status says what kind of mistake it is', async (t) => {
  const wrongValue = await new RunningProgram(t, { prepare: 'fails' }).ended()
  assert.deepEqual(wrongValue, { status: 1, signal: null, stderr: 'nova-test: nova.conf:3: no such thing\n' })
  const wrongUsage = await new RunningProgram(t, { prepare: 'wrong usage' }).ended()
  assert.deepEqual(wrongUsage, { status: 2, signal: null, stderr: 'nova-test: unknown option --frob\n' })
  const bug = await new RunningProgram(t, { prepare: 'has a bug' }).ended()
  assert.equal(bug.status, 1)
  assert.match(bug.stderr, /TypeError: x is undefined\n {4}at /)
  const noWorkers = await new RunningProgram(t, { workers: 0 }).ended()
  assert.deepEqual(noWorkers, { status: 1, signal: null, stderr: 'nova-test: the number of workers must be positive, not 0\n' })
})

test('a program with nothing to serve ends with status 0', async (t) => {
  const program = new RunningProgram(t, { prepare: 'nothing to do' })
  assert.deepEqual(await program.ended(), { status: 0, signal: null, stderr: '' })
  assert.deepEqual(program.texts, [])
})
