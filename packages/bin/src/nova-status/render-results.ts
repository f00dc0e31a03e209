import type { UpgradeCheckResult, Verdict } from './upgrade-check.js'
import { wrapText } from './wrap-text.js'

const title = 'Upgrade Check Results'

/** Further than that details do not go; as upstream. */
const detailsWidth = 60

const words: Readonly<Record<Verdict, string>> = { 0: 'Success', 1: 'Warning', 2: 'Failure' }

export interface NamedResult extends UpgradeCheckResult {
  readonly name: string
}

/** @see oslo.upgradecheck 2.1.1, `upgradecheck.py`, `UpgradeCommands.check`, whose table PrettyTable draws */
export function renderTable(results: readonly NamedResult[]): string {
  const cells = [[title], ...results.map(linesOf)]
  const width = Math.max(...cells.flat().map((line) => line.length))
  const rule = `+${'-'.repeat(width + 2)}+\n`
  return rule + cells.map((lines) => lines.map((line) => `| ${line.padEnd(width)} |\n`).join('') + rule).join('')
}

function linesOf({ name, result, details }: NamedResult): string[] {
  const wrapped = details === null ? ['None'] : wrapText(details, detailsWidth, '  ')
  return [`Check: ${name}`, `Result: ${words[result]}`, ...`Details: ${wrapped.join('\n')}`.split('\n')]
}

/** What the other projects' `--json` prints; Nova's own command has no such flag. */
export function renderJson(results: readonly NamedResult[]): string {
  const checks = results.map(({ name, result, details }) => ({ check: name, result, details }))
  return `${JSON.stringify({ name: title, checks })}\n`
}
