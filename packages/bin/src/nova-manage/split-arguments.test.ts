import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineOptions, opt } from '@micronova/config'
import { splitArguments } from './split-arguments.js'

const groups = [
  defineOptions('DEFAULT', {
    debug: opt.boolean({ default: false, cli: { short: 'd' }, help: '' }),
    log_file: opt.string({ cli: true, help: '' }),
    hidden: opt.boolean({ default: false, help: '' }),
  }),
]

test('the options of the program end where its commands begin', () => {
  for (const [line, own] of [
    ['db sync --local_cell', 0],
    ['--config-file /etc/nova.conf db sync', 2],
    ['--config-file=/etc/nova.conf --debug db sync', 2],
    ['-d --nodebug --log-file x db version', 4],
    ['--deb db version', 1],
    ['--help', 1],
    ['--config-dir d', 2],
    ['--config-file', 2],
    ['', 0],
  ] as const) {
    const argv = line.split(' ').filter((word) => word !== '')
    assert.deepEqual(splitArguments(argv, groups), { own: argv.slice(0, own), rest: argv.slice(own) }, line)
  }
})
