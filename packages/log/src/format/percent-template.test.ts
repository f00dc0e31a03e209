import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogError } from '../errors.js'
import { compileTemplate } from './percent-template.js'

const values: Readonly<Record<string, unknown>> = { text: "it's", number: -42.5, none: null, list: ['a', 1, true] }
const lookup = (key: string) => (key in values ? () => values[key] : undefined)
const render = (text: string) => compileTemplate(text, lookup, 'x').render()

test('conversions are those of Python', () => {
  // Each expected text is what `template % values` gives in Python 3.11.
  const cases: Readonly<Record<string, string>> = {
    '%(text)s|%(text)10s|%(text)-6s|%(text).2s|%(text)r': `it's|      it's|it's  |it|"it's"`,
    '%(number)d|%(number)08.2f|%(number)+d|%(number)7d|%(number)-7d|': '-42|-0042.50|-42|    -42|-42    |',
    '%(number)s %(number)e %(number)g %(number)i %(number).4d': '-42.5 -4.250000e+01 -42.5 -42 -0042',
    '%(none)s %(none)r %(list)s 100%%': "None None ['a', 1, True] 100%",
    'nothing to fill in': 'nothing to fill in',
    '': '',
  }
  for (const [template, expected] of Object.entries(cases)) assert.equal(render(template), expected)
})

test('a template tells which names it asks for', () => {
  assert.deepEqual([...compileTemplate('%(text)s %(none)s %(text)s', lookup, 'x').keys], ['text', 'none'])
})

test('a template that cannot be used is refused with the name of its option', () => {
  const refused: Readonly<Record<string, RegExp>> = {
    '%(unknown)s': /^logging_x: there is no %\(unknown\)s$/,
    '%(text': /^logging_x: '%\(text' is not a conversion$/,
    '100%': /^logging_x: '%' is not a conversion$/,
    '%(text)y': /^logging_x: '%\(text\)y' is not a conversion$/,
    '%s': /^logging_x: a conversion %s without a \(name\)$/,
  }
  for (const [template, message] of Object.entries(refused))
    assert.throws(
      () => compileTemplate(template, lookup, 'logging_x'),
      (err) => err instanceof LogError && err.code === 'bad_option' && message.test(err.message),
    )
})
