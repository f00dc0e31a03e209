const newline = 0x0a

/** Lines on their way to a sink, and how far they got. */
export class Batch {
  /** Texts in it, for counting. */
  readonly count: number
  readonly #bytes: Buffer
  #offset = 0

  constructor(text: string, count: number) {
    this.#bytes = Buffer.from(text)
    this.count = count
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  /** What is not written yet. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#offset)
  }
  advance(bytes: number): void {
    this.#offset += bytes
  }
  /** Back to the beginning of the line that was cut: for an output that does not hold its first half. */
  rewindToLine(): void {
    this.#offset = this.#offset === 0 ? 0 : this.#bytes.lastIndexOf(newline, this.#offset - 1) + 1
  }
}
