import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RunningProgram } from '../test/program.js'

test('several workers serve in processes of their own and SIGTERM stops each of them', async (t) => {
  const program = new RunningProgram(t, { workers: 2 })
  await program.heard('running', 2)
  const workers = program.pids('running')
  assert.equal(new Set([...workers, program.pid]).size, 3)
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 0)
  assert.deepEqual(new Set(program.pids('stopped')), new Set(workers))
  const supervisor = program.said.filter((line) => line.pid === program.pid).map((line) => line.text.replace(/\d+/, 'N'))
  assert.deepEqual(
    supervisor.filter((text) => !text.startsWith('DEBUG')),
    [
      'INFO Starting N workers',
      'INFO Caught SIGTERM, stopping children',
      'INFO Waiting on N children to exit',
      'INFO Child N exited with status 0',
      'INFO Child N exited with status 0',
      'closed',
    ],
  )
})

test('SIGHUP reaches the supervisor and each worker', async (t) => {
  const program = new RunningProgram(t, { workers: 2 })
  await program.heard('running', 2)
  program.signal('SIGHUP')
  await program.heard('reset', 2)
  await program.heard('reloaded', 3)
  assert.deepEqual(new Set(program.pids('reset')), new Set(program.pids('running')))
  assert.equal(program.pids('INFO Child caught SIGHUP, handling').length, 2)
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 0)
})

test('SIGTERM to the whole process group, as systemd sends it, is a graceful stop too', async (t) => {
  const program = new RunningProgram(t, { workers: 2 })
  await program.heard('running', 2)
  program.signalGroup('SIGTERM')
  assert.equal((await program.ended()).status, 0)
  assert.equal(program.pids('stopped').length, 2)
})

test('SIGHUP while the workers are still loading kills none of them and reaches each', async (t) => {
  const program = new RunningProgram(t, { workers: 3 })
  await program.until(() => program.texts.some((text) => text.startsWith('DEBUG Started child')))
  program.signal('SIGHUP')
  await program.heard('running', 3)
  await program.heard('reloaded', 1)
  assert.deepEqual(
    program.texts.filter((text) => text.includes('killed by signal')),
    [],
  )
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 0)
})

for (const group of [false, true]) {
  test(`SIGINT ends the workers too, at once, if sent to ${group ? 'the whole process group, as Ctrl-C' : 'the supervisor alone'}`, async (t) => {
    const program = new RunningProgram(t, { workers: 2, stop: 'hangs' })
    await program.heard('running', 2)
    if (group) program.signalGroup('SIGINT')
    else program.signal('SIGINT')
    assert.equal((await program.ended()).status, 1) // and with it both workers, whom nothing else would end
  })
}

test('a worker that dies is replaced', async (t) => {
  const program = new RunningProgram(t, { workers: 2 })
  await program.heard('running', 2)
  const [victim = 0] = program.pids('running')
  process.kill(victim, 'SIGKILL')
  await program.heard('running', 3)
  assert.ok(program.texts.includes(`INFO Child ${victim} killed by signal 9`))
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 0)
})

test('workers whose supervisor has died stop in good order', async (t) => {
  const program = new RunningProgram(t, { workers: 2 })
  await program.heard('running', 2)
  program.signal('SIGKILL')
  await program.ended() // both let go of the output that they share
  assert.equal(program.pids('INFO Parent process has died unexpectedly, exiting').length, 2)
  assert.deepEqual(new Set(program.pids('stopped')), new Set(program.pids('running')))
})

test('workers whose supervisor dies while they start stop in good order', async (t) => {
  const program = new RunningProgram(t, { workers: 2, start: 'outlasts its supervisor' })
  await program.heard('running', 2)
  program.signal('SIGKILL')
  await program.ended()
  assert.deepEqual(
    program.texts.filter((text) => text.startsWith('CRITICAL')),
    [],
  )
  assert.equal(program.pids('INFO Parent process has died unexpectedly, exiting').length, 2)
  assert.deepEqual(new Set(program.pids('stopped')), new Set(program.pids('running')))
})

test('a worker that does not stop in time is killed, and the status is 1', async (t) => {
  const program = new RunningProgram(t, { workers: 2, stop: 'hangs', gracefulSeconds: 0.3 })
  await program.heard('running', 2)
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 1)
  assert.ok(program.texts.includes('INFO Graceful shutdown timeout exceeded, instantaneous exiting'))
})

test('a second SIGTERM kills the workers', async (t) => {
  const program = new RunningProgram(t, { workers: 2, stop: 'hangs' })
  await program.heard('running', 2)
  program.signal('SIGTERM')
  await program.heard('stopping', 2)
  program.signal('SIGTERM')
  assert.equal((await program.ended()).status, 1)
})

test('a service that cannot start is not started over and over: the status is 1', async (t) => {
  const program = new RunningProgram(t, { workers: 2, start: 'fails' })
  assert.equal((await program.ended()).status, 1)
  assert.equal(program.pids('CRITICAL nova-test could not start: a worker ended with status 1 before any of them was up').length, 1)
  assert.ok(program.pids('starting').length <= 3)
})
