import { type Switches, switchesOf } from './command-line.js'
import type { OptionGroup } from './declare.js'
import { choiceText } from './types/convert.js'

export interface HelpOptions {
  readonly program: string
  readonly groups: readonly OptionGroup[]
  /** Files read where the command line names none. */
  readonly defaultFiles: readonly string[]
  readonly description?: string | undefined
  /** Columns. Default: 100. */
  readonly width?: number
}

interface Row {
  readonly switches: string
  readonly text: string
}

/** Columns in front of the texts; a longer list of switches has a line of its own. */
const textColumn = 30

/** The text of `--help`: every switch, in groups, with what it does. */
export function renderHelp({ program, groups, defaultFiles, description, width = 100 }: HelpOptions): string {
  const files = defaultFiles.length === 0 ? 'none is found here' : defaultFiles.join(', ')
  const sections: [title: string, rows: Row[]][] = [
    [
      'General',
      [
        { switches: '-h, --help', text: 'Print this and exit.' },
        { switches: '    --version', text: 'Print the version and exit.' },
      ],
    ],
    [
      'Configuration',
      [
        {
          switches: '    --config-file PATH',
          text: `Read options from this file; a later one has precedence. May be repeated. Default: ${files}.`,
        },
        { switches: '    --config-dir DIR', text: 'Read the *.conf files of this folder in the order of their names. May be repeated.' },
      ],
    ],
    ...sectionsOf(groups),
  ]
  const blocks = sections.map(([title, rows]) => [`${title}:`, ...rows.flatMap((row) => renderRow(row, width))].join('\n'))
  const head = [`Usage: ${program} [OPTION]...`, ...(description === undefined ? [] : wrapped(description, width))].join('\n')
  return `${[head, ...blocks].join('\n\n')}\n`
}

function sectionsOf(groups: readonly OptionGroup[]): [string, Row[]][] {
  const sections = new Map<string, Row[]>()
  for (const { group, options, title = `[${group}]` } of groups) {
    const rows = switchesOf(Object.entries(options).map(([name, spec]) => ({ group, name, spec }))).map(rowOf)
    if (rows.length > 0) sections.set(title, [...(sections.get(title) ?? []), ...rows])
  }
  return [...sections]
}

function rowOf({ option: { group, name, spec }, names, short }: Switches): Row {
  const prefix = group === 'DEFAULT' ? '--' : `--${group}-`
  const value = spec.metavar ?? name.toUpperCase()
  const long = spec.type === 'Boolean' ? `${prefix}[no]${names[0]!.slice(prefix.length)}` : `${names[0]} ${value}`
  const choices = spec.limits.choices === undefined ? '' : ` One of ${spec.limits.choices.map(choiceText).join(', ')}.`
  return { switches: `${short === undefined ? '   ' : `-${short},`} ${long}`, text: `${spec.help ?? ''}${choices}`.trim() }
}

function renderRow({ switches, text }: Row, width: number): string[] {
  const lines = wrapped(text, width - textColumn)
  const label = `  ${switches}`
  const beside = label.length < textColumn ? [label.padEnd(textColumn) + (lines.shift() ?? '')] : [label]
  return [...beside, ...lines.map((line) => ' '.repeat(textColumn) + line)].map((line) => line.trimEnd())
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}
