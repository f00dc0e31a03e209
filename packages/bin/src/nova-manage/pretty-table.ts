type Cell = string | number | boolean | null

/**
 * A table as PrettyTable prints it, with a line end: what Nova's commands show, and scripts take apart.
 *
 * @param alignment of all columns; PrettyTable's own is the middle
 * @see prettytable 3.6.0, `_justify`
 */
export function prettyTable(head: readonly string[], rows: readonly (readonly Cell[])[], alignment: 'centre' | 'left' = 'centre'): string {
  const texts = rows.map((row) => row.map(textOf))
  const widths = head.map((title, column) => Math.max(...[title, ...texts.map((row) => row[column] ?? '')].map(widthOf)))
  const rule = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+\n`
  const align = alignment === 'left' ? (text: string, width: number) => text + ' '.repeat(width - widthOf(text)) : centred
  const line = (cells: readonly string[]) => `|${widths.map((width, column) => ` ${align(cells[column] ?? '', width)} `).join('|')}|\n`
  return [rule, line(head), rule, ...texts.map(line), rule].join('')
}

/** As Python writes it. */
function textOf(cell: Cell): string {
  if (cell === null) return 'None'
  if (typeof cell === 'boolean') return cell ? 'True' : 'False'
  return String(cell)
}

function widthOf(text: string): number {
  return [...text].length
}

/** What cannot be halved goes to the right of a text of odd width, to the left of one of even width. */
function centred(text: string, width: number): string {
  const own = widthOf(text)
  const half = Math.floor((width - own) / 2)
  const rest = width - own - half
  const [left, right] = own % 2 === 0 ? [rest, half] : [half, rest]
  return ' '.repeat(left) + text + ' '.repeat(right)
}
