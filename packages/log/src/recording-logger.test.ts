import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecordingLogger } from './recording-logger.js'

test('lines are recorded with name, level and bindings, those of children too', () => {
  const log = new RecordingLogger('nova')
  const context = { requestId: 'req-1' }
  const err = new Error('x')
  log.info('started')
  log.child('compute').with({ context }).with({ instanceUuid: 'u' }).error('failed', { err })
  assert.deepEqual(log.lines, [
    { name: 'nova', level: 'INFO', message: 'started' },
    { name: 'nova.compute', level: 'ERROR', message: 'failed', context, instanceUuid: 'u', err },
  ])
  assert.deepEqual(log.messages('ERROR'), ['failed'])
  log.clear()
  assert.deepEqual(log.messages(), [])
})

test('lines below the level are dropped', () => {
  const log = new RecordingLogger('nova', { level: 'WARNING' })
  log.debug('a')
  log.info('b')
  log.child('x').warning('c')
  log.critical('d')
  assert.deepEqual(log.messages(), ['c', 'd'])
  assert.deepEqual([log.isEnabled('INFO'), log.isEnabled('ERROR')], [false, true])
})

test('a line can be waited for, whether it has come or not', async () => {
  const log = new RecordingLogger()
  log.info('ready at 5')
  assert.equal((await log.seen(/^ready/)).message, 'ready at 5')
  const stopped = log.seen(/^stopped/)
  log.info('stopping')
  log.child('x').warning('stopped')
  assert.equal((await stopped).name, 'test.x')
})
