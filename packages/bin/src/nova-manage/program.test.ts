import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureJson } from '@micronova/testing'
import { Command } from 'commander'
import { categories } from './categories.js'
import { NotImplementedHere } from './command.js'
import { chooseCommand, commandsHelp } from './program.js'

interface ReferenceArgument {
  readonly flags: readonly string[]
  readonly required?: boolean
  readonly nargs?: string
  readonly action?: string
}
const reference =
  readFixtureJson<Record<string, Record<string, { readonly args: readonly ReferenceArgument[] }>>>('reference/nova-manage.json')

/** What a command line is answered with at once. */
function choose(...argv: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []]
  const output = { write: (text: string) => void out.push(text), writeError: (text: string) => void err.push(text) }
  try {
    return { chosen: chooseCommand(argv, categories, output), out: out.join(''), err: err.join('') }
  } catch (error) {
    return { error: error as Error & { exitCode?: number; exitStatus?: number }, out: out.join(''), err: err.join('') }
  }
}

test('every command of Nova is there, or is refused by its name', () => {
  for (const [name, commands] of Object.entries(reference)) {
    const ours = categories.find((category) => category.name === name)
    for (const command of Object.keys(commands))
      assert.ok(
        ours?.commands.some((one) => one.name === command),
        `${name} ${command}`,
      )
  }
})

test("the flags and arguments of a command are Nova's, with and without values, required and optional", () => {
  let compared = 0
  for (const category of categories)
    for (const command of category.commands) {
      const args = reference[category.name]?.[command.name]?.args
      if (args === undefined || 'missing' in command) continue
      const declared = new Command()
      command.declare?.(declared)
      const flags = declared.options.map(
        ({ long, mandatory, required }) => `${long}${required ? ' VALUE' : ''}${mandatory ? ' required' : ''}`,
      )
      const takesValue = ({ action }: ReferenceArgument) => action !== 'store_true'
      const theirs = args.filter((arg) => arg.flags[0]!.startsWith('--'))
      assert.deepEqual(
        flags.sort(),
        theirs.map((arg) => `${arg.flags[0]}${takesValue(arg) ? ' VALUE' : ''}${arg.required ? ' required' : ''}`).sort(),
        `${category.name} ${command.name}`,
      )
      const words = args.filter((arg) => !arg.flags[0]!.startsWith('--'))
      assert.deepEqual(
        declared.registeredArguments.map(({ required }) => required),
        words.map(({ nargs }) => nargs !== '?'),
        `${category.name} ${command.name}`,
      )
      compared += 1
    }
  assert.ok(compared >= 19, `${compared} commands compared`)
})

test('help of every level is given, and wrong usage is told', () => {
  assert.match(choose('db', '--help').out, /archive_deleted_rows[\s\S]*sync/)
  const help = choose('cell_v2', 'delete_cell', '--help')
  assert.equal(help.error?.exitCode, 0)
  assert.match(help.out, /--cell_uuid <cell_uuid>[\s\S]*Exit status: 0 done, 1 there is no such cell/)
  for (const argv of [
    ['nonesuch'],
    ['db'],
    ['db', 'nonesuch'],
    ['cell_v2', 'delete_cell'],
    ['db', 'version', '66'],
    ['db', 'purge', '--nonesuch'],
  ]) {
    const { error, err } = choose(...argv)
    assert.notEqual(error?.exitCode, 0, argv.join(' '))
    assert.notEqual(err, '')
  }
  assert.match(choose('db', 'archive_deleted_rows', '--max_rows', 'many').err, /It must be a whole number/)
})

test('version and completion are answered without a database', () => {
  assert.match(choose('version').out, /^26\.2\.2\nmicronova /)
  assert.match(choose('bash-completion').out, /^api_db cell_v2 db /)
  assert.equal(choose('bash-completion', 'api_db').out, 'sync version\n')
  assert.equal(choose('bash-completion', 'nonesuch').out, '')
})

test('a command that is not there is refused with a status of its own, whatever stands behind it', () => {
  const { error } = choose('libvirt', 'update_machine_type', 'uuid', 'q35', '--force')
  assert.ok(error instanceof NotImplementedHere)
  assert.equal(error.exitStatus, 69)
  assert.match(error.message, /^"nova-manage libvirt update_machine_type" is not implemented here: /)
})

test('the help of the program names what is there and what is not', () => {
  const help = commandsHelp(categories)
  assert.match(help, /^ {2}db: archive_deleted_rows, online_data_migrations, purge, sync, version$/m)
  assert.match(help, /^Of Nova, but not there: .*libvirt get_machine_type/m)
})
