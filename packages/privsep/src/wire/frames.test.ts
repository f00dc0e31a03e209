import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { serveCalls } from '../helper/serve-calls.js'
import { arg, privileged, privsepContext } from '../privileged/index.js'
import { BadFrame, encodeFrame, FrameReader, maxFrameBytes } from './frames.js'

const context = privsepContext({
  name: 'c',
  section: 'c',
  capabilities: [],
  modules: { math: { double: privileged({ n: arg.integer(0, 9) }, async ({ n }) => 2 * n) } },
})

test('frames come out as they went in, however the bytes are cut', () => {
  const messages = [{ a: 'ä'.repeat(300) }, 1, null, { b: [] }]
  const bytes = Buffer.concat(messages.map((message) => encodeFrame(message)))
  for (const size of [1, 2, 3, 7, 1000]) {
    const reader = new FrameReader()
    const read: unknown[] = []
    for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)))
    assert.deepEqual(read, messages)
  }
})

test('a frame that says it is too large is refused before its bytes have come', () => {
  const head = Buffer.alloc(4)
  head.writeUInt32BE(maxFrameBytes + 1)
  assert.throws(() => [...new FrameReader().push(head)], BadFrame)
  assert.throws(() => encodeFrame('x'.repeat(maxFrameBytes)), BadFrame)
})

for (const [what, bytes] of [
  ['no JSON', Buffer.from([0, 0, 0, 1, 0x7b])],
  ['a frame that is too large', Buffer.from([0xff, 0xff, 0xff, 0xff])],
  ['no call', encodeFrame({ call: 'x', name: 'math.double' })],
  [
    'more calls than may wait',
    Buffer.concat(Array.from({ length: 1100 }, (_, call) => encodeFrame({ call, name: 'math.double', args: { n: 1 } }))),
  ],
] as const)
  test(`the helper closes a channel that brings ${what}`, async () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    input.end(bytes)
    await assert.rejects(serveCalls(input, output, { context, threads: 1 }))
  })

for (const name of [
  'math.triple',
  'math',
  'math.double.call',
  'constructor.name',
  '__proto__.toString',
  'math.constructor',
  'math.__proto__',
  '',
  '../math.double',
])
  test(`the helper has no function ${JSON.stringify(name)}`, async () => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const served = serveCalls(input, output, { context, threads: 1 })
    input.write(encodeFrame({ call: 1, name, args: { n: 1 } }))
    input.end()
    await served
    const [answer] = [...new FrameReader().push(output.read() as Buffer)]
    assert.deepEqual((answer as { failure: { kind: string } }).failure.kind, 'refused')
  })
