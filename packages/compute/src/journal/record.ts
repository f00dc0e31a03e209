import { createHash } from 'node:crypto'

/** Work whose message was acknowledged. `text` is the inner message as it came. */
export interface AcceptedRecord {
  readonly kind: 'accepted'
  /** Counts up within a journal. */
  readonly id: number
  readonly method: string
  readonly text: string
}

/** That work has ended, well or not. */
export interface FinishedRecord {
  readonly kind: 'finished'
  readonly id: number
}

export type JournalRecord = AcceptedRecord | FinishedRecord

const checksumDigits = 16

/**
 * One line of the journal: `<16 hexadecimal digits> <JSON>\n`. The digits begin the SHA-256 of the JSON, so a line
 * that a crash has torn, or a disk has damaged, is known; JSON has no line ends of its own, so the next line is found.
 */
export function encodeRecord(record: JournalRecord): string {
  const json = JSON.stringify(record)
  return `${checksum(json)} ${json}\n`
}

/** @returns null for a line that `encodeRecord` did not write, or not to its end */
export function decodeRecord(line: string): JournalRecord | null {
  const json = line.slice(checksumDigits + 1)
  if (line[checksumDigits] !== ' ' || checksum(json) !== line.slice(0, checksumDigits)) return null
  return JSON.parse(json) as JournalRecord
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex').slice(0, checksumDigits)
}
