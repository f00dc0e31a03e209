import { levelNumbers } from '../levels.js'

interface Entry {
  readonly order: number
  readonly text: string
  readonly bytes: number
}

/** A queue of one severity. Taken entries are cut off in bulk, so that taking one does not move the others. */
class Lane {
  #entries: (Entry | undefined)[] = []
  #head = 0

  get first(): Entry | undefined {
    return this.#entries[this.#head]
  }
  add(entry: Entry): void {
    this.#entries.push(entry)
  }
  take(): Entry | undefined {
    const entry = this.#entries[this.#head]
    if (entry === undefined) return undefined
    this.#entries[this.#head] = undefined
    this.#head += 1
    if (this.#head > 1024 && this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head)
      this.#head = 0
    }
    return entry
  }
}

const lanesFrom = [-Infinity, levelNumbers.DEBUG, levelNumbers.INFO, levelNumbers.WARNING, levelNumbers.ERROR, levelNumbers.CRITICAL]

/**
 * Texts that wait to be written, in order, bounded in bytes. What does not fit costs the least severe text its place,
 * among those the oldest; a text that is less severe than all that wait is itself not taken in.
 */
export class SeverityQueue {
  readonly #maxBytes: number
  readonly #lanes = lanesFrom.map(() => new Lane())
  #order = 0
  #bytes = 0
  #dropped = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }
  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  /** How many texts lost their place since takeDropped. */
  get dropped(): number {
    return this.#dropped
  }
  takeDropped(): number {
    const dropped = this.#dropped
    this.#dropped = 0
    return dropped
  }

  /** @param levelNumber Python's number of the level */
  add(text: string, levelNumber: number): void {
    const lane = lanesFrom.findLastIndex((from) => levelNumber >= from)
    const bytes = Buffer.byteLength(text)
    while (this.#bytes + bytes > this.#maxBytes) {
      const victim = this.#lanes.findIndex((candidate) => candidate.first !== undefined)
      this.#dropped += 1
      if (victim < 0 || victim > lane) return
      this.#bytes -= this.#lanes[victim]!.take()!.bytes
    }
    this.#order += 1
    this.#lanes[lane]!.add({ order: this.#order, text, bytes })
    this.#bytes += bytes
  }

  /** The oldest texts, together about `maxBytes` but at least one; empty if nothing waits. */
  takeBatch(maxBytes: number): { readonly text: string; readonly count: number } {
    let text = ''
    let count = 0
    for (let room = maxBytes; room > 0; ) {
      const entry = this.#takeOldest()
      if (entry === undefined) break
      text += entry.text
      count += 1
      room -= entry.bytes
    }
    return { text, count }
  }

  #takeOldest(): Entry | undefined {
    let oldest: Lane | undefined
    for (const lane of this.#lanes) {
      if (lane.first !== undefined && (oldest?.first === undefined || lane.first.order < oldest.first.order)) oldest = lane
    }
    const entry = oldest?.take()
    if (entry !== undefined) this.#bytes -= entry.bytes
    return entry
  }
}
