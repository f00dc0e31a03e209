import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CallSites, moduleOf, parseFrame } from './call-site.js'

test("frames of all of V8's forms are understood", () => {
  const cases: Readonly<Record<string, readonly [name: string, path: string, line: number]>> = {
    '    at ComputeManager.spawn (file:///srv/a%20b/x.js:12:5)': ['ComputeManager.spawn', '/srv/a b/x.js', 12],
    '    at async run (/srv/x.js:1:2)': ['run', '/srv/x.js', 1],
    '    at new Foo (/srv/x.js:1:2)': ['Foo', '/srv/x.js', 1],
    '    at Foo.a [as b] (/srv/x.js:1:2)': ['Foo.a', '/srv/x.js', 1],
    '    at file:///srv/x.js:3:4': ['<module>', '/srv/x.js', 3],
    '    at node:internal/process:7:1': ['<module>', 'node:internal/process', 7],
    '    at Array.map (<anonymous>)': ['<unknown>', '<unknown>', 0],
    '': ['<unknown>', '<unknown>', 0],
  }
  for (const [frame, [functionName, path, line]] of Object.entries(cases)) assert.deepEqual(parseFrame(frame), { functionName, path, line })
})

test('the caller of a function is found', () => {
  const sites = new CallSites()
  const logs = () => sites.above(logs)
  const found = (function asksToLog() {
    return logs()
  })()
  assert.equal(found.functionName, 'asksToLog')
  assert.equal(moduleOf(found), 'call-site.test')
  assert.equal(Error.stackTraceLimit, 10)
})
