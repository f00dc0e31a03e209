import type { OptionGroup } from '@micronova/config'

/** The arguments of nova-manage, apart. */
export interface SplitArguments {
  /** Those of every program: they stand in front. */
  readonly own: readonly string[]
  /** From the name of a category on. */
  readonly rest: readonly string[]
}

/** Switches without a value that every program has. */
const plainFlags = ['--help', '--version']

/**
 * Where the options of the program end and its commands begin: at the first word that is neither a switch nor the value of one.
 *
 * @param groups what the program declares; a switch may be shortened as far as it stays clear
 */
export function splitArguments(argv: readonly string[], groups: readonly OptionGroup[]): SplitArguments {
  const flags = [...plainFlags, ...groups.flatMap(flagsOf)]
  const isFlag = (argument: string) => flags.some((flag) => flag.startsWith(argument))
  let at = 0
  while (at < argv.length) {
    const argument = argv[at]!
    if (!argument.startsWith('-') || argument === '-') break
    at += !argument.startsWith('--') || argument.includes('=') || isFlag(argument) ? 1 : 2
  }
  return { own: argv.slice(0, at), rest: argv.slice(at) }
}

function flagsOf({ group, options }: OptionGroup): string[] {
  const prefix = group === 'DEFAULT' ? '' : `${group}-`
  return Object.entries(options)
    .filter(([, { cli, type }]) => cli && type === 'Boolean')
    .flatMap(([name]) => ['', 'no'].map((infix) => `--${prefix}${infix}${name.replaceAll('_', '-')}`))
}
