import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Clock, doneOrAborted } from '@micronova/lifecycle'
import { reasonOf } from '../errors.js'
import { Batch } from './batch.js'
import { SeverityQueue } from './severity-queue.js'
import type { Sink } from './sink.js'

/** Large enough that the cost of a write vanishes among its lines, small enough not to stay long in hand. */
const batchBytes = 65_536
const firstRetryMs = 250
/** A disk that has room again is noticed within this time. */
const lastRetryMs = 5_000

/** The longest that Node knows. */
const maxTimerMs = 2 ** 31 - 1

/** What happened to the lines of an output. */
export interface OutputStats {
  readonly name: string
  /** Lines that were handed over to the output; one with its error counts once. */
  readonly written: number
  /** Lines that found no room, and those left over at the end. */
  readonly lost: number
  /** Of the lines that wait. */
  readonly bufferedBytes: number
  /** Why the last write failed; null while writes succeed. */
  readonly failure: string | null
}

export interface BufferedWriterDeps {
  readonly sink: Sink
  readonly clock: Clock
  /** The line, with its newline, that stands for lines without room. */
  readonly lostNotice: (count: number) => string
  /** Called once when writes begin to fail. */
  readonly onFailure: (sink: Sink, reason: string) => void
}

/**
 * Writes lines to a sink in batches, one at a time, in the background.
 *
 * ```
 *        push             batch written, more waits
 *  idle ------> writing ---------------------------> writing
 *   ^              | \ write fails
 *   |  all written |  `------> paused --- delay, reopen() or close() ---> writing
 *   `--------------'
 * ```
 * While the sink is slow or fails, at most `maxBytes` of lines wait, and one batch. Beyond that the least severe are
 * dropped and counted, and a notice with their number is written once there is room. A batch that failed is written
 * again from where it stopped.
 */
export class BufferedWriter {
  readonly #deps: BufferedWriterDeps
  readonly #queue: SeverityQueue
  #batch: Batch | null = null
  #state: 'idle' | 'writing' | 'paused' = 'idle'
  #inFlight = false
  #reopenWanted = false
  #closing = false
  #closed = false
  #written = 0
  #lost = 0
  #failure: string | null = null
  #wake: () => void = () => {}
  #onIdle: (() => void)[] = []

  constructor(deps: BufferedWriterDeps, { maxBytes }: { readonly maxBytes: number }) {
    this.#deps = deps
    this.#queue = new SeverityQueue(maxBytes)
  }

  get stats(): OutputStats {
    return {
      name: this.#deps.sink.name,
      written: this.#written,
      lost: this.#lost + this.#queue.dropped,
      bufferedBytes: this.#queue.bytes + (this.#batch?.remaining ?? 0),
      failure: this.#failure,
    }
  }

  /** @param text one line or several, the last with its newline */
  push(text: string, levelNumber: number): void {
    if (this.#closed) {
      this.#lost += 1
      return
    }
    this.#queue.add(text, levelNumber)
    this.#begin()
  }

  /** Resolves once all that was pushed so far is written, or when `deadline` aborts. */
  async flush(deadline: AbortSignal): Promise<void> {
    if (this.#state === 'idle') return
    // Neither the timer of a retry nor that of a deadline keeps a process alive, which might end in the middle.
    const alive = setInterval(() => {}, maxTimerMs)
    await doneOrAborted(new Promise<void>((resolve) => this.#onIdle.push(resolve)), deadline)
    clearInterval(alive)
  }

  /** Lets go of a moved file before the next write; tries a failing sink again at once. */
  reopen(): void {
    this.#reopenWanted = true
    this.#wake()
    this.#begin()
  }

  /**
   * Writes what waits before it returns. What is on its way in the background at this moment is not written again.
   *
   * @returns false if the sink cannot do that, or failed
   */
  flushSync(): boolean {
    const { sink } = this.#deps
    if (sink.writeSync === undefined) return false
    try {
      for (;;) {
        const batch = (this.#inFlight ? null : this.#batch) ?? this.#nextBatch()
        if (batch === null) return true
        sink.writeSync(batch.rest())
        this.#written += batch.count
        if (batch === this.#batch) this.#batch = null
      }
    } catch {
      return false
    }
  }

  /**
   * Writes what waits until `deadline` aborts; the rest counts as lost. Later lines do, too. A write that is in hand
   * at the deadline keeps the sink open until it ends. Idempotent.
   */
  async close(deadline: AbortSignal): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    this.#wake()
    await this.flush(deadline)
    this.#closed = true
    this.#wake()
    this.#countLeftovers()
    if (this.#state === 'idle') await doneOrAborted(this.#closeSink(), deadline)
  }

  #begin(): void {
    if (this.#state === 'idle' && !this.#closed) void this.#run()
  }

  async #run(): Promise<void> {
    this.#state = 'writing'
    await nextTurn() // so that the lines of one turn of the event loop go out together
    let delayMs = firstRetryMs
    while (!this.#closed) {
      try {
        if (this.#reopenWanted) await this.#reopen()
        this.#batch ??= this.#nextBatch()
        if (this.#batch === null) break
        await this.#write(this.#batch)
        this.#failure = null
        delayMs = firstRetryMs
      } catch (err) {
        this.#failed(err)
        if (!this.#closed) await this.#pause(delayMs)
        delayMs = this.#closing ? firstRetryMs : Math.min(delayMs * 2, lastRetryMs)
      }
    }
    this.#state = 'idle'
    if (this.#closed) await this.#closeSink()
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }

  async #reopen(): Promise<void> {
    this.#reopenWanted = false
    const fresh = await this.#deps.sink.reopen()
    if (fresh) this.#batch?.rewindToLine()
  }

  async #write(batch: Batch): Promise<void> {
    this.#inFlight = true
    try {
      batch.advance(await this.#deps.sink.write(batch.rest()))
    } finally {
      this.#inFlight = false
    }
    if (batch.remaining > 0) return
    this.#written += batch.count
    this.#batch = null
  }

  #nextBatch(): Batch | null {
    const dropped = this.#queue.takeDropped()
    this.#lost += dropped
    const { text, count } = this.#queue.takeBatch(batchBytes)
    const notice = dropped > 0 ? this.#deps.lostNotice(dropped) : ''
    return notice === '' && count === 0 ? null : new Batch(notice + text, count)
  }

  #failed(err: unknown): void {
    const first = this.#failure === null
    this.#failure = reasonOf(err)
    this.#reopenWanted = true
    if (first) this.#deps.onFailure(this.#deps.sink, this.#failure)
  }

  #pause(delayMs: number): Promise<void> {
    this.#state = 'paused'
    return new Promise((resolve) => {
      const go = () => {
        timer.cancel()
        this.#wake = () => {}
        this.#state = 'writing'
        resolve()
      }
      const timer = this.#deps.clock.setTimer(delayMs, go)
      this.#wake = go
    })
  }

  /** The lines are written or counted; what a close may still say helps nobody. */
  async #closeSink(): Promise<void> {
    await this.#deps.sink.close().catch(() => {})
  }

  #countLeftovers(): void {
    this.#lost += this.#batch?.count ?? 0
    for (let left = this.#nextBatch(); left !== null; left = this.#nextBatch()) this.#lost += left.count
  }
}
