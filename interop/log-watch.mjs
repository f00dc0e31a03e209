// What services wrote to their logs since a moment, so that a red scenario shows the line that tells why.
import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** More than this of one file is not looked through; a trace is some kilobytes. */
const MOST_BYTES = 4_000_000

/** An error with its context, or the last line of a trace; the trace itself is in the log. */
const headline = /\b(?:ERROR|CRITICAL) \S+ (?:\[(?:-|None|req-)|(?:\[instance: \S+\] )?[\w.]+(?:Error|Exception|_Remote|Failed|NotFound)\b)/

export class LogWatch {
  #begun

  /** @param {readonly string[]} files */
  constructor(files) {
    this.#begun = new Map(files.map((file) => [file, sizeOf(file)]))
  }

  /**
   * Errors written since about `ids`; any where none is.
   * @param {readonly string[]} ids of servers
   */
  troubles(ids, most = 8) {
    const lines = [...this.#begun].flatMap(([file, from]) =>
      textSince(file, from)
        .split('\n')
        .filter((line) => headline.test(line))
        .map((line) => `${file.replace(/^.*\/|\.log$/g, '')}: ${line.slice(0, 500)}`),
    )
    const about = (line) => ids.some((id) => line.includes(id))
    const ours = lines.filter(about)
    return (ours.length > 0 ? ours : lines).slice(0, most)
  }
}

function sizeOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

function textSince(file, from) {
  const length = Math.min(sizeOf(file) - from, MOST_BYTES)
  if (length <= 0) return ''
  const buffer = Buffer.alloc(length)
  const handle = openSync(file, 'r')
  try {
    return buffer.toString('utf8', 0, readSync(handle, buffer, 0, length, from))
  } finally {
    closeSync(handle)
  }
}
