import { UsageError } from './errors.js'
import { nearestName } from './nearest-name.js'
import { formerNames, type Option, type OptionTable } from './option-table.js'

/** What the command line says, in its order: a file named after an option has the last word over it. */
export type CommandLineItem =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'folder'; readonly path: string }
  /** `argument` is the switch as it was written. */
  | { readonly kind: 'option'; readonly option: Option; readonly text: string; readonly argument: string }

export type CommandLine =
  | { readonly kind: 'items'; readonly items: readonly CommandLineItem[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }

/** The ways to write one option on the command line. */
export interface Switches {
  readonly option: Option
  /** Present name first, then former ones. */
  readonly names: readonly string[]
  /** Of a boolean: those that set it to false. */
  readonly inverse: readonly string[]
  /** One letter, without its hyphen. */
  readonly short?: string | undefined
}

type Meaning =
  | { readonly kind: 'help' | 'version' | 'file' | 'folder' }
  | { readonly kind: 'value'; readonly option: Option }
  | { readonly kind: 'flag'; readonly option: Option; readonly text: 'true' | 'false' }

/**
 * The switches of all options that may stand on the command line. One in a group other than DEFAULT begins with the
 * group's name; a boolean has a second one with `no` before the name.
 *
 * @see oslo.config 9.0.0, `cfg.Opt._add_to_cli`, `cfg.BoolOpt`
 */
export function switchesOf(options: Iterable<Option>): Switches[] {
  const all: Switches[] = []
  for (const option of options) {
    const { cli, type } = option.spec
    if (!cli) continue
    const given = cli === true ? {} : cli
    const own = { name: given.name ?? option.name.replaceAll('_', '-'), group: option.group }
    const written = (infix: string) =>
      [own, ...formerNames(option)].map(({ name, group }) => `--${group === 'DEFAULT' ? '' : `${group}-`}${infix}${name}`)
    all.push({
      option,
      names: [...new Set(written(''))],
      inverse: type === 'Boolean' ? [...new Set(written('no'))] : [],
      short: given.short,
    })
  }
  return all
}

/**
 * Read the arguments of a program (without its own name).
 *
 * `--name value`, `--name=value`, `-n value`, `-nvalue`, several flags behind one hyphen; a long name may be shortened
 * as long as one option alone begins so. A switch that no option of `table` has may be one of `reference`. The first `--help` or `--version` ends the reading.
 *
 * @throws UsageError
 */
export function parseCommandLine(argv: readonly string[], table: OptionTable, reference: () => OptionTable): CommandLine {
  const meanings = meaningsOf(switchesOf(table))
  const items: CommandLineItem[] = []
  const unknown: string[] = []
  const rest = [...argv]
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const found = splitArgument(argument, meanings) ?? splitArgument(argument, meaningsOf(switchesOf(reference())))
    if (found === undefined) {
      unknown.push(argument)
      continue
    }
    const { written, meaning, attached, behind } = found
    if (meaning.kind === 'help' || meaning.kind === 'version') return { kind: meaning.kind }
    if (meaning.kind === 'flag') {
      if (attached !== undefined) throw new UsageError(`${written} takes no value`)
      if (behind !== undefined) rest.unshift(`-${behind}`)
      items.push({ kind: 'option', option: meaning.option, text: meaning.text, argument: written })
      continue
    }
    const text = attached ?? behind ?? (rest.length > 0 && isValue(rest[0]!) ? rest.shift()! : undefined)
    if (text === undefined) throw new UsageError(`${written} needs a value`)
    items.push(
      meaning.kind === 'value' ? { kind: 'option', option: meaning.option, text, argument: written } : { kind: meaning.kind, path: text },
    )
  }
  if (unknown.length > 0) throw new UsageError(describeUnknown(unknown, meanings.keys()))
  return { kind: 'items', items }
}

function meaningsOf(switches: readonly Switches[]): Map<string, Meaning> {
  const meanings = new Map<string, Meaning>([
    ['--help', { kind: 'help' }],
    ['-h', { kind: 'help' }],
    ['--version', { kind: 'version' }],
    ['--config-file', { kind: 'file' }],
    ['--config-dir', { kind: 'folder' }],
  ])
  for (const { option, names, inverse, short } of switches) {
    const meaning: Meaning = option.spec.type === 'Boolean' ? { kind: 'flag', option, text: 'true' } : { kind: 'value', option }
    for (const name of short === undefined ? names : [...names, `-${short}`]) meanings.set(name, meaning)
    for (const name of inverse) meanings.set(name, { kind: 'flag', option, text: 'false' })
  }
  return meanings
}

interface Found {
  /** The switch in full. */
  readonly written: string
  readonly meaning: Meaning
  /** What stands behind `=`. */
  readonly attached?: string | undefined
  /** What stands behind the letter of a short switch. */
  readonly behind?: string | undefined
}

function splitArgument(argument: string, meanings: ReadonlyMap<string, Meaning>): Found | undefined {
  if (/^-[^-]/.test(argument)) {
    const meaning = meanings.get(argument.slice(0, 2))
    return meaning && { written: argument.slice(0, 2), meaning, behind: argument.length > 2 ? argument.slice(2) : undefined }
  }
  if (!/^--./.test(argument)) return undefined
  const equals = argument.indexOf('=')
  const given = equals < 0 ? argument : argument.slice(0, equals)
  const written = meanings.has(given) ? given : unabbreviated(given, meanings)
  return written === undefined
    ? undefined
    : { written, meaning: meanings.get(written)!, attached: equals < 0 ? undefined : argument.slice(equals + 1) }
}

function unabbreviated(given: string, meanings: ReadonlyMap<string, Meaning>): string | undefined {
  const candidates = [...meanings.keys()].filter((name) => name.startsWith(given))
  if (candidates.length > 1) throw new UsageError(`${given} is not clear: it could mean ${candidates.join(', ')}`)
  return candidates[0]
}

/** What may stand as a value after a switch: anything without a hyphen in front, a lone hyphen, or a negative number. */
function isValue(argument: string): boolean {
  return !argument.startsWith('-') || argument === '-' || argument.includes(' ') || /^-\d+$|^-\d*\.\d+$/.test(argument)
}

function describeUnknown(unknown: readonly string[], names: Iterable<string>): string {
  const [first] = unknown
  const near = unknown.length === 1 && /^--./.test(first!) ? nearestName(first!.replace(/=.*/s, ''), names) : undefined
  return `unknown argument${unknown.length > 1 ? 's' : ''}: ${unknown.join(' ')}${near === undefined ? '' : ` (did you mean ${near}?)`}`
}
