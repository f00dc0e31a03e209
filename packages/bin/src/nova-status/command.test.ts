import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memorySources } from '@micronova/config'
import { UsageError } from '../usage-error.js'
import { novaStatus, readRequest } from './command.js'
import { findBesideConfig } from './policy-path.js'
import { renderJson, renderTable } from './render-results.js'

test('options may stand on either side of the command', () => {
  assert.deepEqual(readRequest(['--config-file', 'f', 'upgrade', 'check', '--json']), {
    kind: 'check',
    json: true,
    rest: ['--config-file', 'f'],
  })
  assert.deepEqual(readRequest(['upgrade', 'check', '--debug']), { kind: 'check', json: false, rest: ['--debug'] })
  assert.throws(() => readRequest(['upgrade']), UsageError)
})

test('without a command, or with a word too many, the usage is wrong', async () => {
  const deps = { environment: {}, stdout: { write: () => {} }, stderr: { write: () => {} }, sources: memorySources({}) }
  await assert.rejects(novaStatus([], deps), UsageError)
  await assert.rejects(novaStatus(['upgrade', 'check', 'now'], deps), { code: 'usage' })
})

test('version is printed as Nova prints it', async () => {
  const printed: string[] = []
  const stdout = { write: (text: string) => printed.push(text) }
  assert.equal(await novaStatus(['version'], { environment: {}, stdout, stderr: stdout }), 0)
  assert.deepEqual(printed, ['26.2.2\n'])
})

test('without an API database the checks cannot be made, and that is said', async () => {
  const sink = { write: () => {} }
  const sources = memorySources({ '/f': '' })
  const checking = novaStatus(['--config-file', '/f', 'upgrade', 'check'], { environment: {}, stdout: sink, stderr: sink, sources })
  await assert.rejects(checking, { message: 'the option connection of the group api_database is required and not set' })
})

test('a table is as wide as its longest line, and JSON has the details in one piece', () => {
  const results = [
    { name: 'One', result: 0, details: null },
    { name: 'Two', result: 2, details: 'Wrong.' },
  ] as const
  const table = `+-----------------------+
| Upgrade Check Results |
+-----------------------+
| Check: One            |
| Result: Success       |
| Details: None         |
+-----------------------+
| Check: Two            |
| Result: Failure       |
| Details: Wrong.       |
+-----------------------+
`
  assert.equal(renderTable(results), table)
  assert.deepEqual(JSON.parse(renderJson(results)), {
    name: 'Upgrade Check Results',
    checks: [
      { check: 'One', result: 0, details: null },
      { check: 'Two', result: 2, details: 'Wrong.' },
    ],
  })
})

test('a file that the configuration names is looked for beside the last file first', () => {
  const there = (...paths: string[]) => ({ homeDirectory: '/home/n', exists: (path: string) => paths.includes(path) })
  const read = ['/etc/nova/nova.conf', '/srv/nova.conf.d/x.conf']
  assert.equal(
    findBesideConfig('policy.yaml', read, there('/etc/nova/policy.yaml', '/srv/nova.conf.d/policy.yaml')),
    '/srv/nova.conf.d/policy.yaml',
  )
  assert.equal(findBesideConfig('policy.yaml', read, there('/home/n/.nova/policy.yaml')), '/home/n/.nova/policy.yaml')
  assert.equal(findBesideConfig('/p/policy.yaml', read, there('/p/policy.yaml')), '/p/policy.yaml')
  assert.equal(findBesideConfig('policy.yaml', read, there()), null)
})
