// The outcomes, for people: a row for each scenario, a column for each configuration.

/** @param {readonly import('./scenario.mjs').Outcome[]} outcomes */
export function table(outcomes) {
  const columns = unique(outcomes.map((outcome) => outcome.configuration))
  const rows = unique(outcomes.map((outcome) => outcome.scenario))
  const cell = (row, column) => {
    const outcome = outcomes.find((one) => one.scenario === row && one.configuration === column)
    return outcome ? `${outcome.result}${outcome.firstError ? '*' : ''}` : '-'
  }
  const width = Math.max(...rows.map((row) => row.length), 8)
  const line = (first, rest) => [first.padEnd(width), ...rest].join('  ').trimEnd()
  return [
    line('', columns),
    ...rows.map((row) =>
      line(
        row,
        columns.map((column) => cell(row, column).padEnd(column.length)),
      ),
    ),
  ].join('\n')
}

/** @param {readonly import('./scenario.mjs').Outcome[]} outcomes */
export function summary(outcomes) {
  const count = (result) => outcomes.filter((outcome) => outcome.result === result).length
  const again = outcomes.filter(({ result, firstError }) => result === 'green' && firstError).length
  return `${count('green')} green${again > 0 ? ` (${again} of them, marked *, at the second try)` : ''}, ${count('red')} red, ${count('skipped')} skipped`
}

const unique = (values) => [...new Set(values)]
