import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReceivedWork } from '@micronova/messaging'
import { OperationJournal } from './operation-journal.js'

function journal() {
  const written: string[] = []
  const finished: number[] = []
  const file = {
    accept: async (method: string) => written.push(method),
    finish: (id: number) => void finished.push(id),
  }
  return { journal: new OperationJournal(file), written, finished }
}

const cast: ReceivedWork = { method: 'stop_instance', namespace: null, version: '6.0', uniqueId: 'u', isCall: false, text: '{}' }

test('a cast that changes an instance is written, and its end too', async () => {
  const { journal: own, written, finished } = journal()
  const entry = await own.accept(cast)
  assert.deepEqual(written, ['stop_instance'])
  assert.deepEqual(finished, [])
  entry?.finished()
  assert.deepEqual(finished, [1])
})

test('a call that attaches an interface is written too: what it left nobody else would find', async () => {
  const { journal: own, written } = journal()
  await own.accept({ ...cast, method: 'attach_interface', isCall: true })
  assert.deepEqual(written, ['attach_interface'])
})

for (const [what, work] of [
  ['a call, whose caller waits', { ...cast, isCall: true }],
  ['a method that changes nothing', { ...cast, method: 'get_console_output' }],
  ['a method that is not implemented', { ...cast, method: 'inject_network_info' }],
  ['another namespace', { ...cast, namespace: 'baseapi' }],
] as const) {
  test(`nothing is written for ${what}`, () => {
    const { journal: own, written } = journal()
    assert.equal(own.accept(work), null)
    assert.deepEqual(written, [])
  })
}
