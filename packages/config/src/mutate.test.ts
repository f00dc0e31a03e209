import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ParsedConfig } from './config.js'
import { defineOptions, opt } from './declare.js'
import { ConfigError } from './errors.js'
import { memorySources } from './memory-sources.js'
import { parseConfig } from './parse-config.js'

const main = defineOptions('DEFAULT', {
  debug: opt.boolean({ default: false, mutable: true, cli: true }),
  token: opt.string({ mutable: true, secret: true }),
  report_interval: opt.integer({ default: 10 }),
  state_path: opt.string({ default: '/var/lib/nova' }),
})
const path = '/etc/nova/nova.conf'

/** A configuration over a file that a test may write again. */
function start(text: string, argv: readonly string[] = []): { config: ParsedConfig; write(text: string): void; remove(): void } {
  const files: Record<string, string> = { [path]: text }
  const outcome = parseConfig(argv, { program: 'nova-compute', groups: [main], sources: memorySources(files) })
  assert.ok(outcome.kind === 'config')
  return {
    config: outcome.config,
    write: (next) => {
      files[path] = next
    },
    remove: () => {
      delete files[path]
    },
  }
}

test('a mutate shows new values of mutable options, in sections that were taken before too', () => {
  const { config, write } = start('[DEFAULT]\ndebug = false\n')
  const section = config.section(main)
  write('[DEFAULT]\n\ndebug = true\n')
  assert.deepEqual(config.mutate(), {
    changed: [{ group: 'DEFAULT', name: 'debug', before: false, after: true }],
    ignored: [],
    warnings: [],
  })
  assert.equal(section.debug, true)
  assert.deepEqual(config.location('DEFAULT', 'debug'), { kind: 'file', file: path, line: 3, column: 9 })
  write('')
  assert.deepEqual(config.mutate().changed, [{ group: 'DEFAULT', name: 'debug', before: true, after: false }])
  assert.equal(section.debug, false)
})

test('a change of any other option is named and has no effect, each time', () => {
  const { config, write } = start('[DEFAULT]\nreport_interval = 5\n')
  write('[DEFAULT]\nreport_interval = 6\nstate_path = /srv\n')
  const ignored = [
    { group: 'DEFAULT', name: 'report_interval' },
    { group: 'DEFAULT', name: 'state_path' },
  ]
  assert.deepEqual(config.mutate(), { changed: [], ignored, warnings: [] })
  assert.deepEqual(config.mutate().ignored, ignored)
  assert.equal(config.section(main).report_interval, 5)
  assert.equal(config.section(main).state_path, '/var/lib/nova')
})

test('a value that is written differently and means the same is no change', () => {
  const { config, write } = start('[DEFAULT]\ndebug = true\nreport_interval = 10\n')
  write('[DEFAULT]\ndebug = yes\n')
  assert.deepEqual(config.mutate(), { changed: [], ignored: [], warnings: [] })
})

test('the command line keeps its precedence', () => {
  const { config, write } = start('', ['--debug'])
  write('[DEFAULT]\ndebug = false\n')
  assert.deepEqual(config.mutate().changed, [])
  assert.equal(config.section(main).debug, true)
})

test('secrets are masked in what a mutate reports', () => {
  const { config, write } = start('[DEFAULT]\ntoken = old\n')
  write('[DEFAULT]\ntoken = new\n')
  assert.deepEqual(config.mutate().changed, [{ group: 'DEFAULT', name: 'token', before: '****', after: '****' }])
  assert.equal(config.section(main).token, 'new')
})

test('nothing changes if anything is wrong with the files', () => {
  const { config, write, remove } = start('[DEFAULT]\ndebug = true\n')
  write('[DEFAULT]\ndebug = false\nreport_interval = x\n')
  assert.throws(() => config.mutate(), ConfigError)
  write('[DEFAULT\n')
  assert.throws(() => config.mutate(), ConfigError)
  remove()
  assert.throws(() => config.mutate(), { message: 'cannot read /etc/nova/nova.conf: it does not exist' })
  assert.equal(config.section(main).debug, true)
})

test('a mutate has the warnings that are new', () => {
  const { config, write } = start('[DEFAULT]\ncolour = red\n')
  write('[DEFAULT]\ncolour = red\ncolor = red\n')
  assert.deepEqual(config.mutate().warnings, [
    'these options do not exist: [DEFAULT] colour (/etc/nova/nova.conf:2:10), [DEFAULT] color (/etc/nova/nova.conf:3:9)',
  ])
  assert.deepEqual(config.mutate().warnings, [])
})
