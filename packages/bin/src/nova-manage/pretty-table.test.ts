import assert from 'node:assert/strict'
import { test } from 'node:test'
import { prettyTable } from './pretty-table.js'

test('a table is as PrettyTable prints it, with what cannot be halved where it has it', () => {
  const rows = [
    ['', 'abc', false],
    ['cell0', 'ab', true],
    [null, 'abcdefg', 'ab'],
  ]
  assert.equal(
    prettyTable(['Name', 'UUID', 'X'], rows),
    `+-------+---------+-------+
|  Name |   UUID  |   X   |
+-------+---------+-------+
|       |   abc   | False |
| cell0 |    ab   |  True |
|  None | abcdefg |   ab  |
+-------+---------+-------+
`,
  )
})

test('a table without rows keeps its head, and columns may stand to the left', () => {
  assert.equal(prettyTable(['A', 'Number'], []), '+---+--------+\n| A | Number |\n+---+--------+\n+---+--------+\n')
  assert.equal(
    prettyTable(['Property', 'Value'], [['a', 12]], 'left'),
    '+----------+-------+\n| Property | Value |\n+----------+-------+\n| a        | 12    |\n+----------+-------+\n',
  )
})
