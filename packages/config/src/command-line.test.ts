import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CommandLine, parseCommandLine } from './command-line.js'
import { defineOptions, opt } from './declare.js'
import { UsageError } from './errors.js'
import { OptionTable } from './option-table.js'

const table = new OptionTable([
  defineOptions('DEFAULT', {
    debug: opt.boolean({ default: false, cli: { short: 'd' } }),
    verbose: opt.boolean({ default: false, cli: { short: 'v' } }),
    log_file: opt.string({ cli: { short: 'l' }, deprecatedNames: [{ name: 'logfile' }, { name: 'old-log' }] }),
    log_dir: opt.string({ cli: { name: 'logs' } }),
    hidden: opt.string({}),
  }),
  defineOptions('remote_debug', { port: opt.port({ cli: true }), use_it: opt.boolean({ cli: true }) }),
])
const reference = new OptionTable([defineOptions('DEFAULT', { use_journal: opt.boolean({ cli: true }) })])

const parse = (...argv: string[]) => parseCommandLine(argv, table, () => reference)

/** Options as name=text, files and folders by their kind. */
function shown(commandLine: CommandLine): string[] {
  if (commandLine.kind !== 'items') return [commandLine.kind]
  return commandLine.items.map((item) =>
    item.kind === 'option' ? `${item.option.group}.${item.option.name}=${item.text} (${item.argument})` : `${item.kind} ${item.path}`,
  )
}

const understood: readonly [argv: readonly string[], items: readonly string[]][] = [
  [[], []],
  [['--debug'], ['DEFAULT.debug=true (--debug)']],
  [['--nodebug'], ['DEFAULT.debug=false (--nodebug)']],
  [['-d'], ['DEFAULT.debug=true (-d)']],
  [['-dv'], ['DEFAULT.debug=true (-d)', 'DEFAULT.verbose=true (-v)']],
  [['--log-file', 'x'], ['DEFAULT.log_file=x (--log-file)']],
  [['--log-file=x=y'], ['DEFAULT.log_file=x=y (--log-file)']],
  [['--log-file='], ['DEFAULT.log_file= (--log-file)']],
  [['--log-file', '-'], ['DEFAULT.log_file=- (--log-file)']],
  [['--log-file', '-1'], ['DEFAULT.log_file=-1 (--log-file)']],
  [['--log-file=-x'], ['DEFAULT.log_file=-x (--log-file)']],
  [['-l', 'x'], ['DEFAULT.log_file=x (-l)']],
  [['-lx'], ['DEFAULT.log_file=x (-l)']],
  [['-dlx'], ['DEFAULT.debug=true (-d)', 'DEFAULT.log_file=x (-l)']],
  [
    ['--logfile=x', '--old-log=y', '--old_log=z'],
    ['DEFAULT.log_file=x (--logfile)', 'DEFAULT.log_file=y (--old-log)', 'DEFAULT.log_file=z (--old_log)'],
  ],
  [['--logs', 'x'], ['DEFAULT.log_dir=x (--logs)']],
  [['--verb'], ['DEFAULT.verbose=true (--verbose)']],
  [['--remote_debug-port', '5'], ['remote_debug.port=5 (--remote_debug-port)']],
  [['--remote_debug-nouse-it'], ['remote_debug.use_it=false (--remote_debug-nouse-it)']],
  [['--use-journal'], ['DEFAULT.use_journal=true (--use-journal)']],
  [
    ['--config-file', 'a', '--config-dir=b', '--config-file=c'],
    ['file a', 'folder b', 'file c'],
  ],
  [['--help'], ['help']],
  [['-dh', '--nonsense'], ['help']],
  [['--nonsense', '--version'], ['version']],
]

for (const [argv, items] of understood) {
  test(`'${argv.join(' ')}' means ${items.join(', ') || 'nothing'}`, () => assert.deepEqual(shown(parse(...argv)), items))
}

const refused: readonly [argv: readonly string[], message: string][] = [
  [['--debgu'], 'unknown argument: --debgu (did you mean --debug?)'],
  [['--hidden', 'x'], 'unknown arguments: --hidden x'],
  [['nova'], 'unknown argument: nova'],
  [['-x'], 'unknown argument: -x'],
  [['--', '-d'], 'unknown argument: --'],
  [['--debug=true'], '--debug takes no value'],
  [['--log-file'], '--log-file needs a value'],
  [['--log-file', '--debug'], '--log-file needs a value'],
  [['-l'], '-l needs a value'],
  [['--config-file'], '--config-file needs a value'],
  [['--conf', 'x'], '--conf is not clear: it could mean --config-file, --config-dir'],
]

for (const [argv, message] of refused) {
  test(`'${argv.join(' ')}' is wrong usage`, () => {
    assert.throws(
      () => parse(...argv),
      (error) => error instanceof UsageError && error.exitStatus === 2 && error.message === message,
    )
  })
}

test('the reference is not asked as long as the declared options have every switch', () => {
  parseCommandLine(['--debug', '--log-file', 'x'], table, () => assert.fail())
})
