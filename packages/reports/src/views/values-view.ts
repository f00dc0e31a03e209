import type { ReportObject, ReportValue } from '../model.js'
import { isList, isObject, pythonText, sortedItems, sortedNames } from './python-text.js'

export interface ValuesViewOptions {
  /** After the name of a group. */
  readonly groupSeparator: string
  /** A blank line before each group. */
  readonly spaced: boolean
}

const indentation = '  '

/** @see oslo.reports 2.4.0, `views/text/generic.py`, `KeyValueView` */
export function valuesView(model: ReportObject, options: ValuesViewOptions = { groupSeparator: ' = ', spaced: false }): string {
  return lines(model, null, -1, options).join('\n')
}

function lines(value: ReportValue, name: string | null, depth: number, options: ValuesViewOptions): string[] {
  const indent = indentation.repeat(Math.max(depth, 0))
  if (isObject(value)) {
    const members = sortedNames(value).flatMap((member) => lines(value[member] ?? null, member, depth + 1, options))
    if (name !== null) return [...(options.spaced ? [''] : []), `${indent}${name}${options.groupSeparator}`, ...members]
    return [...(depth > 0 ? [`${indent}[dict]`] : []), ...members]
  }
  if (isList(value)) {
    const items = sortedItems(value).flatMap((item) => lines(item, null, depth + 1, options))
    return [...(name === null ? [] : [`${indent}${name} = `]), ...items]
  }
  const text = pythonText(value)
  if (!text.includes('\n')) return [name === null ? `${indent}${text}` : `${indent}${name} = ${text}`]
  const inner = text.split('\n').map((line) => `${indentation.repeat(depth + 1)}${line}`)
  return [...(name === null ? [] : [`${indent}${name}${options.groupSeparator}`]), ...inner]
}
