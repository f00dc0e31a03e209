import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ConfigSyntaxError } from './errors.js'
import { parseIni } from './ini-file.js'

const broken: readonly [text: string, message: string][] = [
  ['[DEFAULT]\ndebug\n', "nova.conf:2:6: neither 'name = value' nor '[section]' nor a comment"],
  ['[DEFAULT]\n  debug = true\n', 'nova.conf:2:3: a line that begins with a blank continues a value, and there is none'],
  ['[DEFAULT]\na = 1\n\n\tb\n', 'nova.conf:4:2: a line that begins with a blank continues a value, and there is none'],
  ['[DEFAULT]\na = 1\n# comment\n b\n', 'nova.conf:4:2: a line that begins with a blank continues a value, and there is none'],
  ['\n[DEFAULT\n', "nova.conf:2:9: a section's line must end with ']'"],
  ['[DEFAULT] # all\n', "nova.conf:1:16: a section's line must end with ']'"],
  ['[]\n', 'nova.conf:1:2: the section has no name'],
  ['[DEFAULT]\n= 1\n', "nova.conf:2:1: no name before '='"],
  ['[DEFAULT]\n: 1\n', "nova.conf:2:1: no name before ':'"],
  ['# mine\ndebug = true\n', "nova.conf:2:1: 'debug' stands before the first section; [DEFAULT] is missing"],
]

for (const [text, message] of broken) {
  test(`${JSON.stringify(text)} is refused with file, line and column`, () => {
    assert.throws(
      () => parseIni(text, 'nova.conf'),
      (error) => error instanceof ConfigSyntaxError && error.message === message,
    )
  })
}

test('a syntax error does not repeat the line, which may hold a secret', () => {
  assert.throws(
    () => parseIni('[cinder]\npassword hunter2\n', 'nova.conf'),
    (error) => !String(error).includes('hunter2'),
  )
})

test('each value knows where it begins', () => {
  const text = '[a]\nx=1\ny =  two words\nz: "q"\nempty =\nlong = 1\n  2\n'
  assert.deepEqual(
    parseIni(text, 'f').map(({ name, value, line, column }) => [name, value, line, column]),
    [
      ['x', '1', 2, 3],
      ['y', 'two words', 3, 6],
      ['z', 'q', 4, 4],
      ['empty', '', 5, 8],
      ['long', '1\n2', 6, 8],
    ],
  )
})

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,12}$/)
const word = fc.stringMatching(/^[A-Za-z0-9/.,:=#;$%-]([A-Za-z0-9/.,:=#;$%" '-]{0,20}[A-Za-z0-9/.,:=#;$%-])?$/)
const assignment = fc.record({
  section: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_ ]{0,8}$/),
  name,
  lines: fc.array(word, { minLength: 1, maxLength: 3 }),
})
const filler = fc.constantFrom('', '\n', '# comment\n', '; comment = no\n', '   \n', '\n\n')

test('what is written as sections, names and lines is read back, whatever stands between', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(filler, assignment)),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.constantFrom('=', ' = ', ':', '\t:  '),
      (parts, lineEnd, sign) => {
        const text = parts
          .map(([before, { section, name, lines }]) => `${before}[${section}]\n${name}${sign}${lines.join('\n   ')}\n`)
          .join('')
        const read = parseIni(text.replaceAll('\n', lineEnd), 'f')
        assert.deepEqual(
          read.map(({ section, name, value }) => ({ section, name, value })),
          parts.map(([, { section, name, lines }]) => ({ section, name, value: lines.join('\n') })),
        )
      },
    ),
  )
})

test('any text is either read, with every position inside of it, or refused at a position inside of it', () => {
  const piece = fc.constantFrom('[', ']', '=', ':', '\n', ' ', '\t', '#', ';', 'a', 'b', '"', "'", '\r', '$', '[a]\n', 'k=v\n')
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('')),
      (text) => {
        const lines = text.split(/\r\n|[\r\n]/)
        const inside = (line: number, column: number) => column >= 1 && column <= (lines[line - 1] ?? '').length + 1
        try {
          for (const { line, column } of parseIni(text, 'f')) assert.ok(inside(line, column))
        } catch (error) {
          assert.ok(error instanceof ConfigSyntaxError, String(error))
          assert.ok(inside(error.line, error.column), error.message)
        }
      },
    ),
  )
})
