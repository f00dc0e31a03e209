import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineOptions, mask, memorySources, opt, parseConfig, zedCatalogue } from '@micronova/config'
import { configurationSection } from './sections/configuration.js'
import { processesSection } from './sections/processes.js'
import { stackHere } from './sections/threads.js'

test('the configuration is shown by group, with secrets masked as in the dump of options', () => {
  const database = defineOptions('database', {
    connection: opt.string({ secret: true, help: 'Where it is.' }),
    max_retries: opt.integer({ default: 10, help: 'Tries.' }),
  })
  const service = defineOptions('DEFAULT', { report_interval: opt.integer({ default: 10, help: 'Seconds.' }) })
  const outcome = parseConfig(['--config-file', '/nova.conf'], {
    program: 'test',
    groups: [database, service],
    catalogue: zedCatalogue,
    sources: memorySources({ '/nova.conf': '[database]\nconnection = mysql://nova:s3cret@host/nova\n' }),
  })
  assert.equal(outcome.kind, 'config')
  if (outcome.kind !== 'config') return
  const { model } = configurationSection(outcome.config)
  assert.deepEqual(model['database'], { connection: mask, max_retries: 10 })
  assert.equal((model['default'] as { report_interval: number }).report_interval, 10)
  assert.doesNotMatch(JSON.stringify(model), /s3cret/)
})

test('a process says what it runs', () => {
  const { model } = processesSection(process.pid)
  assert.equal(model['pid'], process.pid)
  assert.equal(model['parent_pid'], process.ppid)
  assert.match(String(model['command']), /node/)
})

test('a stack ends with the caller, and has the code of its line', () => {
  const inner = () => stackHere(inner)
  const outer = function outerFunction() {
    return inner()
  }
  const frame = outer().at(-1)
  assert.match(String(frame?.name), /outerFunction/)
  assert.match(String(frame?.code), /return inner\(\)/)
})
