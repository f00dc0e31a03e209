/**
 * Lines of at most `width` characters, all but the first behind `indent`; broken at blanks, behind the hyphen of a compound word, and
 * where a word alone is too long. Blanks at the end of a line go, those before the first word stay.
 *
 * @see Python's `textwrap.wrap`, by whose line breaks upstream's table looks as it does
 */
export function wrapText(text: string, width: number, indent: string): string[] {
  const chunks = text.replace(/\s/g, ' ').split(breakable)
  const lines: string[] = []
  while (chunks.length > 0) {
    const prefix = lines.length === 0 ? '' : indent
    const room = width - prefix.length
    if (lines.length > 0 && isBlank(chunks[0]!)) chunks.shift()
    const line: string[] = []
    let length = 0
    while (chunks.length > 0 && length + chunks[0]!.length <= room) {
      length += chunks[0]!.length
      line.push(chunks.shift()!)
    }
    if (chunks.length > 0 && chunks[0]!.length > room) {
      const end = endOfPart(chunks[0]!, room - length)
      line.push(chunks[0]!.slice(0, end)) // nothing, if there is no room: a blank before it stays then, as in Python
      chunks[0] = chunks[0]!.slice(end)
    }
    if (line.length > 0 && isBlank(line.at(-1)!)) line.pop()
    if (line.length > 0) lines.push(prefix + line.join(''))
  }
  return lines
}

/** Before and behind blanks, around a dash of several hyphens between words, and behind a hyphen between letters. */
const breakable =
  /(?<= )(?=[^ ])|(?<=[^ ])(?= )|(?<=[\w!"'&.,?])(?=-{2,}\w)|(?<=[\w!"'&.,?]-{2,})(?=\w)|(?<=\p{L}{2}-|\p{L}-\p{L}-)(?=\p{L}-?\p{L})/u

/** A word that is too long is broken behind its last hyphen that fits, if anything but hyphens stands before that. */
function endOfPart(word: string, room: number): number {
  const hyphen = word.lastIndexOf('-', room - 1)
  return room > 0 && hyphen > 0 && /[^-]/.test(word.slice(0, hyphen)) ? hyphen + 1 : room
}

function isBlank(chunk: string): boolean {
  return chunk !== '' && chunk.trim() === ''
}
