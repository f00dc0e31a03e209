import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorLines, errorSummary } from './error-text.js'

class Refused extends Error {
  override readonly name = 'Refused'
}

test('an error has its own name, its stack and its causes', () => {
  const lines = errorLines(new Refused('no room', { cause: new TypeError('disk\nis full', { cause: 'a tired disk' }) }))
  const firstOfEach = lines.filter((line) => !line.startsWith('    at '))
  assert.deepEqual(firstOfEach, ['Refused: no room', 'Caused by: TypeError: disk', 'is full', 'Caused by: thrown: a tired disk'])
  assert.match(lines[1] ?? '', /^ {4}at .*error-text\.test\.js:\d+:\d+\)?$/)
})

test('the members of an AggregateError are shown', () => {
  const lines = errorLines(new AggregateError([new Error('one'), new Error('two')], 'both failed'))
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('    at ')),
    ['AggregateError: both failed', 'Error 1 of 2: Error: one', 'Error 2 of 2: Error: two'],
  )
})

test('the traceback of a remote error follows its own stack', () => {
  const remote = Object.assign(new Error('remote error: ValueError x'), {
    traceback: ['Traceback (most recent call last):\n', '  File "/x.py", line 1, in f\n    raise ValueError("x")\n', 'ValueError: x\n'],
  })
  assert.deepEqual(
    errorLines(remote).filter((line) => !line.startsWith('    at ')),
    [
      'Error: remote error: ValueError x',
      'Traceback (most recent call last):',
      '  File "/x.py", line 1, in f',
      '    raise ValueError("x")',
      'ValueError: x',
    ],
  )
})

test('a cause that goes in circles ends', () => {
  const first = new Error('first')
  const second = new Error('second', { cause: first })
  first.cause = second
  assert.equal(errorLines(first).at(-1), 'Caused by: Error: first (shown above)')
})

test('a chain of causes that does not end is cut', () => {
  let err = new Error('0')
  for (let depth = 1; depth < 100; depth += 1) err = new Error(String(depth), { cause: err })
  assert.equal(errorLines(err).filter((line) => line.startsWith('Caused by: ')).length, 9)
})

test('secrets in an error are masked, and a document in it is cut', () => {
  assert.equal(errorSummary(new Error('rabbit://nova:s3cr3t@host refused')), 'Error: rabbit://nova:***@host refused')
  const [line = ''] = errorLines(new Error(`token='${'x'.repeat(100_000)}'`))
  assert.equal(line, "Error: token='***")
  assert.match(errorSummary(new Error('x'.repeat(70_000))), /^Error: x{65529}\.\.\. \(4471 more characters\)$/)
})

test('what is not an error is shown, and what cannot be shown does no harm', () => {
  assert.deepEqual(errorLines({ status: 500 }), ['thrown: { status: 500 }'])
  assert.deepEqual(errorLines(null), ['thrown: null'])
  assert.equal(errorSummary(new Error('')), 'Error')
  const hostile = new Error('x')
  Object.defineProperty(hostile, 'message', {
    get() {
      throw new Error('never')
    },
  })
  assert.deepEqual(errorLines(hostile), ['<error that cannot be printed>'])
  assert.equal(errorSummary(hostile), '<error that cannot be printed>')
})
