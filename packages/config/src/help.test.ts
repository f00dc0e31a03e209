import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defineOptions, opt } from './declare.js'
import { renderHelp } from './help.js'

const logging = {
  ...defineOptions('DEFAULT', {
    debug: opt.boolean({ default: false, cli: { short: 'd' }, help: 'Write lines of level DEBUG too.' }),
    log_file: opt.string({
      cli: true,
      metavar: 'PATH',
      help: 'Write the log to this file, and not to standard error as it is written otherwise.',
    }),
    syslog_log_facility: opt.string({ cli: true, help: 'The facility.' }),
    use_stderr: opt.boolean({ default: false, help: 'Not on the command line.' }),
  }),
  title: 'Logging',
}
const debugging = defineOptions('remote_debug', {
  port: opt.port({ cli: true }),
  mode: opt.string({ cli: true, choices: ['a', 'b'], help: 'How.' }),
})
const silent = defineOptions('libvirt', { virt_type: opt.string({}) })

test('the help has the switches in groups, aligned, and nothing else', () => {
  const text = renderHelp({
    program: 'nova-compute',
    description: 'Runs the instances of one host.',
    groups: [logging, debugging, silent],
    defaultFiles: ['/etc/nova/nova.conf'],
    width: 80,
  })
  assert.equal(
    text,
    `Usage: nova-compute [OPTION]...
Runs the instances of one host.

General:
  -h, --help                  Print this and exit.
      --version               Print the version and exit.

Configuration:
      --config-file PATH      Read options from this file; a later one has
                              precedence. May be repeated. Default:
                              /etc/nova/nova.conf.
      --config-dir DIR        Read the *.conf files of this folder in the order
                              of their names. May be repeated.

Logging:
  -d, --[no]debug             Write lines of level DEBUG too.
      --log-file PATH         Write the log to this file, and not to standard
                              error as it is written otherwise.
      --syslog-log-facility SYSLOG_LOG_FACILITY
                              The facility.

[remote_debug]:
      --remote_debug-port PORT
      --remote_debug-mode MODE
                              How. One of a, b.
`,
  )
})
