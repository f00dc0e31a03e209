import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PythonValue, parsePythonLiteral } from './python-literal.js'

test('literals of Python are read', () => {
  const cases: readonly (readonly [string, PythonValue])[] = [
    ['()', []],
    ["('a')", 'a'],
    ["('a',)", ['a']],
    [`("it's", 'a\\n\\'b\\'', r'c:\\d', u'e')`, ["it's", "a\n'b'", 'c:\\d', 'e']],
    ['(1, -2.5, 0x10, 2*3*4)', [1, -2.5, 16, 24]],
    ['[True, False, None]', [true, false, null]],
    ["{'a': 1, 'b': (2, [3]),}", { a: 1, b: [2, [3]] }],
    ['(sys.stdout, )', [{ pythonName: 'sys.stdout' }]],
    [
      "\n  (('localhost', 514),\n  handlers.SysLogHandler.LOG_USER)",
      [['localhost', 514], { pythonName: 'handlers.SysLogHandler.LOG_USER' }],
    ],
  ]
  for (const [text, expected] of cases) assert.deepEqual(parsePythonLiteral(text), expected, text)
})

test('what is no literal is refused', () => {
  for (const text of ['', '(', '(1', '1 2', "('a' 'b')", '{1}', '(1, , 2)', "'a", 'f(x)', "'a'*2", '[1)'])
    assert.throws(() => parsePythonLiteral(text), SyntaxError, text)
})
