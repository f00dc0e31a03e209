import type { ReportObject, ReportValue } from '../model.js'
import { isList, isObject, sortedNames } from './python-text.js'

/** One line, members sorted, ASCII only: as `json.dumps` writes it. @see oslo.reports 2.4.0, `views/json/generic.py` */
export function jsonView(model: ReportObject): string {
  return written(model)
}

function written(value: ReportValue): string {
  if (isList(value)) return `[${value.map(written).join(', ')}]`
  if (isObject(value))
    return `{${sortedNames(value)
      .map((name) => `${ascii(name)}: ${written(value[name] ?? null)}`)
      .join(', ')}}`
  return typeof value === 'string' ? ascii(value) : JSON.stringify(value)
}

function ascii(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
