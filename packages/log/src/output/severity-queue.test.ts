import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SeverityQueue } from './severity-queue.js'

const levels = { TRACE: 5, DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40, CRITICAL: 50 } as const

function queueOf(maxBytes: number, ...texts: (readonly [text: string, level: keyof typeof levels])[]): SeverityQueue {
  const queue = new SeverityQueue(maxBytes)
  for (const [text, level] of texts) queue.add(text, levels[level])
  return queue
}

test('texts leave in the order in which they came, whatever their severity', () => {
  const queue = queueOf(100, ['a', 'ERROR'], ['b', 'DEBUG'], ['c', 'CRITICAL'], ['d', 'DEBUG'], ['e', 'INFO'])
  assert.deepEqual(queue.takeBatch(100), { text: 'abcde', count: 5 })
  assert.deepEqual(queue.takeBatch(100), { text: '', count: 0 })
})

test('a batch ends with the text that fills it', () => {
  const queue = queueOf(100, ['aaa', 'INFO'], ['bbb', 'INFO'], ['ccc', 'INFO'])
  assert.deepEqual(queue.takeBatch(4), { text: 'aaabbb', count: 2 })
  assert.equal(queue.bytes, 3)
})

test('without room, the oldest of the least severe gives way', () => {
  const queue = queueOf(4, ['a', 'INFO'], ['b', 'DEBUG'], ['c', 'DEBUG'], ['d', 'ERROR'], ['e', 'WARNING'], ['f', 'WARNING'])
  assert.equal(queue.dropped, 2)
  assert.equal(queue.takeBatch(100).text, 'adef')
})

test('a text less severe than all that wait is not taken in', () => {
  const queue = queueOf(2, ['a', 'ERROR'], ['b', 'ERROR'], ['c', 'INFO'])
  assert.equal(queue.takeDropped(), 1)
  assert.equal(queue.takeDropped(), 0)
  assert.equal(queue.takeBatch(100).text, 'ab')
})

test('a text larger than all the room is dropped', () => {
  const queue = queueOf(4, ['a', 'CRITICAL'], ['too large', 'CRITICAL'])
  assert.equal(queue.dropped, 2)
  assert.equal(queue.bytes, 0)
})

test('the size is counted in bytes, not in characters', () => {
  assert.equal(queueOf(100, ['ü€', 'INFO']).bytes, 5)
})

test('a queue never exceeds its bound, keeps the order, and every text is either taken or counted', () => {
  const text = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.constantFrom(...Object.values(levels)), fc.boolean())
  fc.assert(
    fc.property(fc.array(text, { maxLength: 300 }), (texts) => {
      const queue = new SeverityQueue(200)
      const taken: number[] = []
      const take = () => {
        for (const piece of queue.takeBatch(50).text.matchAll(/<(\d+)/g)) taken.push(Number(piece[1]))
      }
      for (const [index, [length, level, takesAfter]] of texts.entries()) {
        queue.add(`<${index}`.padEnd(length), level)
        assert.ok(queue.bytes <= 200)
        if (takesAfter) take()
      }
      while (!queue.isEmpty) take()
      assert.deepEqual(
        taken,
        [...taken].sort((a, b) => a - b),
      )
      assert.equal(taken.length + queue.dropped, texts.length)
    }),
  )
})
