import type { OptionGroup, OptionSpec, OptionTypeName } from './declare.js'
import { formerNames } from './option-table.js'
import { choiceText, isMulti } from './types/convert.js'
import { textOf } from './types/text.js'

/** As wide as oslo-config-generator makes its files. */
const width = 78

/**
 * A configuration file with every option as a comment, laid out as oslo-config-generator does it: its help, its type and limits, its
 * former names, and a line that would set it to its default. A line that begins with `#name` can be uncommented as it stands and
 * changes nothing; where there is no default, or it belongs to the machine, a word in angle brackets stands behind `# name`.
 *
 * Groups come in the order in which they are first given, DEFAULT first; an option that several of them have is shown once.
 */
export function renderSample(groups: readonly OptionGroup[]): string {
  const names = [...new Set(['DEFAULT', ...groups.map(({ group }) => group)])]
  const sections = names.map((name) => {
    const options = new Map(groups.filter(({ group }) => group === name).flatMap((group) => Object.entries(group.options)))
    return [`[${name}]`, ...[...options].map(([option, spec]) => renderOption(name, option, spec))].join('\n\n')
  })
  return `${sections.join('\n\n\n')}\n`
}

function renderOption(group: string, name: string, spec: OptionSpec): string {
  const { min, max, choices } = spec.limits
  const notes = [
    ...helpLines(`${spec.help ?? ''} (${typeWords[spec.type]})`.trimStart()),
    ...(min === undefined ? [] : [`Minimum value: ${min}`]),
    ...(max === undefined ? [] : [`Maximum value: ${max}`]),
    ...(choices === undefined ? [] : wrapped(`Possible values: ${choices.map(choiceText).join(', ')}`)),
    ...(spec.mutable ? ['Can be changed without restarting.'] : []),
    ...formerNames({ group, name, spec }).map((former) => `Deprecated group/name - [${former.group}]/${former.name}`),
    ...(spec.deprecatedForRemoval ? wrapped(`Deprecated for removal. ${spec.deprecatedReason ?? ''}`.trimEnd()) : []),
  ]
  return ['#', ...notes.map((note) => `# ${note}`.trimEnd()), ...settingLines(name, spec)].join('\n')
}

/** oslo-config-generator's words for the types. */
const typeWords: Readonly<Record<OptionTypeName, string>> = {
  String: 'string value',
  Integer: 'integer value',
  Float: 'floating point value',
  Boolean: 'boolean value',
  Port: 'port value',
  HostAddress: 'host address value',
  HostDomain: 'host domain value',
  Hostname: 'hostname value',
  IPAddress: 'IP address value',
  URI: 'URI value',
  List: 'list value',
  Dict: 'dict value',
  MultiString: 'multi valued',
  MultiDict: 'multi valued',
}

function settingLines(name: string, spec: OptionSpec): string[] {
  if (spec.sampleDefault !== undefined) return [`# ${name} = ${textOf(spec.sampleDefault)}`]
  const { default: value } = spec
  if (value === null || (isMulti(spec.type) && Array.isArray(value) && value.length === 0)) return [`# ${name} = <None>`]
  const values = isMulti(spec.type) && Array.isArray(value) ? value : [value]
  return values.map((one) => `#${name} = ${written(one)}`.trimEnd())
}

/** In quotes where a reader of the file would otherwise take blanks or quotes off. */
function written(value: unknown): string {
  const text = typeof value === 'boolean' ? String(value) : textOf(value)
  return text.trim() !== text || /^(["']).*\1$/s.test(text) ? `"${text}"` : text
}

function helpLines(help: string): string[] {
  return help.split('\n').flatMap((line) => (line === '' ? [''] : wrapped(line)))
}

function wrapped(text: string): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || `# ${last} ${word}`.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
