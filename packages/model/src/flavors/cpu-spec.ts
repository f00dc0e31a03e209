import { novaError } from '../errors/nova-error.js'
import { pythonInt } from '../python-values.js'

/**
 * The CPUs of a text such as `1-4,^3,6`: numbers, ranges, and with a caret what is left out of the others.
 *
 * @throws NovaError `Invalid`
 * @see nova 26.2.2, `virt/hardware.py`, `parse_cpu_spec`
 */
export function parseCpuSpec(spec: string): Set<number> {
  const taken = new Set<number>()
  const left = new Set<number>()
  for (const rule of spec.split(',').map((part) => part.trim())) {
    if (rule === '') continue
    const dash = rule.indexOf('-')
    if (dash >= 0) addRange(rule, dash, taken, left)
    else if (rule.startsWith('^')) left.add(number(rule.slice(1), `Invalid exclusion expression '${rule}'`))
    else taken.add(number(rule, `Invalid inclusion expression '${rule}'`))
  }
  for (const cpu of left) taken.delete(cpu)
  return taken
}

function addRange(rule: string, dash: number, taken: Set<number>, left: Set<number>): void {
  const excluded = rule.startsWith('^')
  const wrong = `Invalid range expression '${rule}'`
  const start = number(rule.slice(excluded ? 1 : 0, dash), wrong)
  const end = number(rule.slice(dash + 1), wrong)
  if (start > end) throw novaError('Invalid', {}, wrong)
  const into = excluded ? left : taken
  for (let cpu = start; cpu <= end; cpu += 1) into.add(cpu)
}

function number(text: string, wrong: string): number {
  const value = pythonInt(text)
  if (value === null) throw novaError('Invalid', {}, wrong)
  return value
}
