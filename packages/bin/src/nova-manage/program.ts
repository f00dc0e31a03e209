import { Command } from 'commander'
import { micronovaRelease, novaRelease } from '../parse-args.js'
import { type Category, type Manage, type ManageCommand, NotImplementedHere } from './command.js'

/** What was asked for, once the command line is right. */
export interface ChosenCommand {
  /** As in `db sync`. */
  readonly name: string
  readonly failureStatus: number
  run(manage: Manage): Promise<number>
}

export interface ProgramOutput {
  write(text: string): void
  writeError(text: string): void
}

/**
 * Read the words behind the options of the program.
 *
 * @returns null for what is answered at once: `version`, `bash-completion`
 * @throws CommanderError for wrong usage and after `--help`, with the texts written; NotImplementedHere
 */
export function chooseCommand(argv: readonly string[], categories: readonly Category[], output: ProgramOutput): ChosenCommand | null {
  let chosen: ChosenCommand | null = null
  const program = new Command('nova-manage')
    .exitOverride()
    .configureOutput({ writeOut: (text) => output.write(text), writeErr: (text) => output.writeError(text) })
    .helpCommand(false)
  program.command('version').action(() => output.write(`${novaRelease}\nmicronova ${micronovaRelease}\n`))
  program
    .command('bash-completion')
    .argument('[category]')
    .action((name?: string) => output.write(completion(categories, name)))
  for (const category of categories) {
    const group = program.command(category.name).description(`nova-manage ${category.name}: ${category.summary}`).helpCommand(false)
    for (const command of category.commands) {
      const name = `${category.name} ${command.name}`
      if ('missing' in command) {
        group
          .command(command.name)
          .description(`not implemented here: ${command.instead}`)
          .helpOption(false)
          .allowUnknownOption()
          .allowExcessArguments()
          .action(() => {
            throw new NotImplementedHere(`"nova-manage ${name}" is not implemented here: ${command.instead}`)
          })
        continue
      }
      const one = group.command(command.name).description(command.summary)
      if (command.statuses !== undefined) one.addHelpText('after', `\nExit status: ${command.statuses}`)
      command.declare?.(one)
      one.action((...given: unknown[]) => {
        chosen = { name, failureStatus: command.failureStatus ?? 1, run: (manage) => runWith(command, manage, given) }
      })
    }
  }
  program.parse(argv, { from: 'user' })
  return chosen
}

/** commander hands over the arguments, the flags and itself, in this order. */
function runWith(command: ManageCommand, manage: Manage, given: readonly unknown[]): Promise<number> {
  const run = command.run as unknown as (manage: Manage, options: unknown, ...args: readonly unknown[]) => Promise<number>
  return run.call(command, manage, given.at(-2), ...given.slice(0, -2))
}

function completion(categories: readonly Category[], name?: string): string {
  if (name === undefined) return `${categories.map((category) => category.name).join(' ')}\n`
  const found = categories.find((category) => category.name === name)
  return found === undefined ? '' : `${found.commands.map((command) => command.name).join(' ')}\n`
}

/** For `--help` of the program: what stands behind its options. */
export function commandsHelp(categories: readonly Category[]): string {
  const there = categories.flatMap((category) => {
    const names = category.commands.filter((command) => !('missing' in command)).map((command) => command.name)
    return names.length === 0 ? [] : [`  ${category.name}: ${names.join(', ')}`]
  })
  const gone = categories.flatMap(({ name, commands }) => commands.filter((one) => 'missing' in one).map((one) => `${name} ${one.name}`))
  const absent = gone.length === 0 ? '' : `\nOf Nova, but not there: ${gone.join(', ')}.\n`
  return `\nCommands (nova-manage [OPTION]... CATEGORY COMMAND --help says more):\n${there.join('\n')}\n  version, bash-completion\n${absent}`
}
