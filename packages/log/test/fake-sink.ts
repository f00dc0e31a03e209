import type { Sink } from '../src/output/sink.js'

/** What a scripted sink does with one write: takes some bytes, fails, or leaves the caller waiting. */
export type Step = { readonly take: number } | { readonly fail: string } | { readonly hang: true }

/** A sink that follows a script, and takes everything once the script is over. */
export class FakeSink implements Sink {
  readonly name = 'fake'
  readonly script: Step[]
  /** The chunks that it took, as text. */
  readonly taken: string[] = []
  reopened = 0
  closed = false
  /** What reopen() answers. */
  fresh = false
  reopenFailure: string | null = null
  #resume: () => void = () => {}
  #onTaken: (() => void)[] = []

  constructor(...script: Step[]) {
    this.script = script
  }

  get text(): string {
    return this.taken.join('')
  }

  async write(chunk: Uint8Array): Promise<number> {
    const step = this.script.shift() ?? { take: chunk.length }
    if ('fail' in step) throw new Error(step.fail)
    if ('hang' in step) await new Promise<void>((resolve) => (this.#resume = resolve))
    const bytes = 'take' in step ? Math.min(step.take, chunk.length) : chunk.length
    this.#take(chunk.subarray(0, bytes))
    return bytes
  }
  writeSync(chunk: Uint8Array): void {
    this.#take(chunk)
  }
  async reopen(): Promise<boolean> {
    this.reopened += 1
    if (this.reopenFailure !== null) throw new Error(this.reopenFailure)
    return this.fresh
  }
  async close(): Promise<void> {
    this.closed = true
  }

  /** Lets a hanging write go on. */
  resume(): void {
    this.#resume()
  }
  /** Resolves with the next write that is taken. */
  nextTaken(): Promise<void> {
    return new Promise((resolve) => this.#onTaken.push(resolve))
  }

  #take(chunk: Uint8Array): void {
    this.taken.push(Buffer.from(chunk).toString())
    for (const resolve of this.#onTaken.splice(0)) resolve()
  }
}
