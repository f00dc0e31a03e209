import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runSteps, type Step, UndoFailed } from './steps.js'

const forever = new AbortController().signal

function step(name: string, failing: { readonly run?: Error; readonly undo?: Error } = {}): Step<string[]> {
  return {
    name,
    async run(log) {
      log.push(`run ${name}`)
      if (failing.run) throw failing.run
    },
    async undo(log) {
      log.push(`undo ${name}`)
      if (failing.undo) throw failing.undo
    },
  }
}

test('steps run in order and are not undone when all succeed', async () => {
  const log: string[] = []
  await runSteps([step('a'), step('b')], log, forever)
  assert.deepEqual(log, ['run a', 'run b'])
})

test('a failing step is undone with those before it, in reverse', async () => {
  const log: string[] = []
  const failure = new Error('b broke')
  await assert.rejects(runSteps([step('a'), step('b', { run: failure }), step('c')], log, forever), failure)
  assert.deepEqual(log, ['run a', 'run b', 'undo b', 'undo a'])
})

test('an undo that fails does not keep the others from being undone, and is reported with the first failure', async () => {
  const log: string[] = []
  const failure = new Error('b broke')
  const cause = new Error('cannot undo')
  await assert.rejects(
    runSteps([step('a'), step('b', { run: failure, undo: cause })], log, forever),
    (err) => err instanceof UndoFailed && err.step === 'b' && err.failure === failure && err.cause === cause,
  )
  assert.deepEqual(log, ['run a', 'run b', 'undo b', 'undo a'])
})

test('an abort between two steps undoes those that ran', async () => {
  const log: string[] = []
  const stop = new AbortController()
  const aborting: Step<string[]> = { name: 'aborting', run: async () => stop.abort(new Error('stopped')) }
  await assert.rejects(runSteps([step('a'), aborting, step('c')], log, stop.signal), /stopped/)
  assert.deepEqual(log, ['run a', 'undo a'])
})
