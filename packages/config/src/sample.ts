import type { OptionGroup, OptionSpec } from './declare.js'
import { formerNames } from './option-table.js'
import { choiceText, isMulti } from './types/convert.js'
import { textOf } from './types/text.js'

/**
 * A configuration file with every option as a comment: its help, its limits, its former names, and a line that would
 * set it to its default. Groups come in the order in which they are first given, DEFAULT first.
 */
export function renderSample(groups: readonly OptionGroup[]): string {
  const names = [...new Set(['DEFAULT', ...groups.map(({ group }) => group)])]
  const sections = names.map((name) => {
    const options = groups.filter(({ group }) => group === name).flatMap((group) => Object.entries(group.options))
    return [`[${name}]`, ...options.map(([option, spec]) => renderOption(name, option, spec))].join('\n\n')
  })
  return `${sections.join('\n\n\n')}\n`
}

function renderOption(group: string, name: string, spec: OptionSpec): string {
  const { min, max, choices } = spec.limits
  const range = [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`].filter((part) => part !== '')
  const notes = [
    ...(spec.help ?? '').split('\n').filter((line) => line !== ''),
    `(${[spec.type, ...range].join(', ')})`,
    ...(choices === undefined ? [] : [`One of: ${choices.map(choiceText).join(', ')}`]),
    ...(spec.mutable ? ['May be changed without a restart.'] : []),
    ...(spec.deprecatedForRemoval ? [`Deprecated. ${spec.deprecatedReason ?? ''}`.trimEnd()] : []),
    ...formerNames({ group, name, spec }).map((former) => `Former name: [${former.group}] ${former.name}`),
  ]
  return [...notes.map((note) => `# ${note}`), ...defaultTexts(spec).map((text) => `#${name} = ${text}`.trimEnd())].join('\n')
}

function defaultTexts(spec: OptionSpec): string[] {
  const value = spec.sampleDefault ?? spec.default
  if (value === null) return ['<None>']
  if (isMulti(spec.type)) return Array.isArray(value) && value.length > 0 ? value.map(written) : ['']
  return [written(value)]
}

/** In quotes where a reader of the file would otherwise take blanks or quotes off. */
function written(value: unknown): string {
  const text = typeof value === 'boolean' ? String(value) : textOf(value)
  return text.trim() !== text || /^(["']).*\1$/s.test(text) ? `"${text}"` : text
}
