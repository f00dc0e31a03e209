/** `====      Package      ====` between two lines of `=`, 72 wide. @see oslo.reports 2.4.0, `views/text/header.py` */
export function sectionTitle(title: string): string {
  const line = '='.repeat(72)
  return `${line}\n====${centered(title, 64)}====\n${line}\n`
}

/** `------   Thread #1   ------`. @see oslo.reports 2.4.0, `views/text/threading.py` */
export function threadTitle(title: string): string {
  return `------${centered(` ${title} `, 60)}------\n`
}

/** As Python's format `^` does: what cannot be halved goes to the right. */
function centered(text: string, width: number): string {
  const left = Math.max(0, Math.floor((width - text.length) / 2))
  return `${' '.repeat(left)}${text}`.padEnd(width)
}
