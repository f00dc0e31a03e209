import { formatDuration } from '../terminal.js'
import type { CheckResult } from './check.js'

/** A line for each check, one below it with what to do, and one for the whole. */
export function describeResults(results: readonly CheckResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length))
  const lines = results.flatMap((result) => {
    const { name, status, found, durationMs } = result
    const time = durationMs >= 100 ? ` (${formatDuration(durationMs)})` : ''
    const line = `${status.padEnd(8)}${name.padEnd(width)}  ${found}${time}`
    return 'mend' in result ? [line, `${' '.repeat(10 + width)}-> ${result.mend}`] : [line]
  })
  const count = (status: CheckResult['status']) => results.filter((result) => result.status === status).length
  const numbers = (['ok', 'warning', 'failed', 'skipped'] as const).map((status) => `${count(status)} ${status}`)
  return [...lines, numbers.join(', ')].map((line) => `${line}\n`).join('')
}

export function resultsToJson(results: readonly CheckResult[]): string {
  const checks = results.map((result) => ({
    name: result.name,
    status: result.status,
    found: result.found,
    mend: 'mend' in result ? result.mend : null,
    duration_ms: result.durationMs,
  }))
  return `${JSON.stringify({ failed: results.some(({ status }) => status === 'failed'), checks }, null, 2)}\n`
}
