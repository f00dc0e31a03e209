import type { ReportObject, ReportValue } from '../model.js'

/** A scalar as Python's `str` has it. */
export function pythonText(value: string | number | boolean | null): string {
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  return String(value)
}

export function isObject(value: ReportValue): value is ReportObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isList(value: ReportValue): value is readonly ReportValue[] {
  return Array.isArray(value)
}

/** By code point, as Python sorts; JavaScript's own order differs only beyond the BMP, where no option is named. */
export function sortedNames(value: ReportObject): string[] {
  return Object.keys(value).sort()
}

/** Upstream sorts every list by its text. A list of objects has an order that means something, and keeps it. */
export function sortedItems(list: readonly ReportValue[]): readonly ReportValue[] {
  if (list.some((item) => isObject(item) || isList(item))) return list
  const texts = (list as readonly (string | number | boolean | null)[]).map((item) => ({ item, text: pythonText(item) }))
  return texts.sort((one, other) => (one.text < other.text ? -1 : one.text > other.text ? 1 : 0)).map(({ item }) => item)
}
