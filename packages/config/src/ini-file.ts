import { ConfigSyntaxError } from './errors.js'

/** One `name = value` of a file. */
export interface Assignment {
  /** As in the file: without brackets, otherwise untouched. */
  readonly section: string
  readonly name: string
  /** Continuation lines are joined with line feeds. */
  readonly value: string
  /** Where the value begins, counted from 1. */
  readonly line: number
  readonly column: number
}

/**
 * Read a configuration file in oslo.config's format.
 *
 * - `[section]` must end its line with the bracket and stand before the first assignment.
 * - `name = value` or `name : value`, whichever sign comes first. One pair of equal quotes around the whole value is taken off.
 * - A line that begins with a blank continues the value above it, which a blank line or a comment ends.
 * - `#` and `;` begin a comment at the start of a line only; later they belong to the value.
 *
 * @param onError gets each line that is none of these, and the reading goes on behind it; default: it is thrown
 * @throws ConfigSyntaxError at the first line that is none of these
 * @see oslo.config 9.0.0, `iniparser.py`, `BaseParser.parse`
 */
export function parseIni(text: string, file: string, onError: (error: ConfigSyntaxError) => void = raise): Assignment[] {
  const assignments: Assignment[] = []
  let section: string | undefined
  let open: { -readonly [K in keyof Assignment]: Assignment[K] } | undefined
  for (const [index, raw] of text.split(/\r\n|[\r\n]/).entries()) {
    const line = raw.trimEnd()
    const fail = (column: number, why: string) => onError(new ConfigSyntaxError(file, index + 1, column, why))
    if (line.startsWith(' ') || line.startsWith('\t')) {
      const rest = line.trimStart()
      if (open === undefined) fail(line.length - rest.length + 1, 'a line that begins with a blank continues a value, and there is none')
      else open.value += `\n${rest}`
      continue
    }
    open = undefined
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    if (line.startsWith('[')) {
      if (!line.endsWith(']')) fail(line.length + 1, "a section's line must end with ']'")
      else if (line.length === 2) fail(2, 'the section has no name')
      section = line.replace(/^\[|\]$/g, '')
      continue
    }
    const sign = line.search(/[:=]/)
    if (sign < 0) {
      fail(line.length + 1, "neither 'name = value' nor '[section]' nor a comment")
      continue
    }
    const name = line.slice(0, sign).trim()
    if (name === '') {
      fail(1, `no name before '${line[sign]}'`)
      continue
    }
    if (section === undefined) {
      fail(1, `'${name}' stands before the first section; [DEFAULT] is missing`)
      section = 'DEFAULT'
    }
    const written = line.slice(sign + 1)
    const value = written.trim()
    const column = sign + 2 + (value === '' ? 0 : written.indexOf(value))
    open = { section, name, value: withoutQuotes(value), line: index + 1, column }
    assignments.push(open)
  }
  return assignments
}

function raise(error: ConfigSyntaxError): never {
  throw error
}

/** A single quote sign counts as a pair, as it does upstream: both ends are the same sign. */
function withoutQuotes(value: string): string {
  const first = value[0]
  return (first === '"' || first === "'") && value.at(-1) === first ? value.slice(1, -1) : value
}
