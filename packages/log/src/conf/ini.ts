import { LogError } from '../errors.js'

/** Sections of a file of Python's configparser: `[name]`, `key = value` or `key: value`, continuation lines indented. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, string>>

/** @throws LogError bad_config_file with file and line */
export function parseIni(text: string, file: string): Ini {
  const sections = new Map<string, Map<string, string>>()
  let section: Map<string, string> | undefined
  let key: string | undefined
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || /^\s*[#;]/.test(line)) continue
    if (/^\s/.test(line) && section !== undefined && key !== undefined) {
      section.set(key, `${section.get(key)}\n${line.trim()}`)
      continue
    }
    const header = /^\[([^\]]+)\]\s*$/.exec(line)?.[1]
    if (header !== undefined) {
      if (sections.has(header)) throw refusal(file, index, `section [${header}] stands there twice`)
      section = new Map()
      sections.set(header, section)
      key = undefined
      continue
    }
    const [, name, value] = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw refusal(file, index, `'${line}' is neither a section nor an option`)
    if (section === undefined) throw refusal(file, index, 'an option before the first section')
    key = name.trim().toLowerCase()
    section.set(key, value.trim())
  }
  return sections
}

function refusal(file: string, index: number, why: string): LogError {
  return new LogError('bad_config_file', `${file}:${index + 1}: ${why}`)
}
