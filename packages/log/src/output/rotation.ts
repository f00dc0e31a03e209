import type { Stats } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { strftime } from '../format/strftime.js'

/** Decides when a log file is put aside, and does it. The caller opens the new one. */
export interface Rotation {
  /** Called once with the file as it was found, or made, at the start. */
  begin(file: Pick<Stats, 'mtimeMs'>, nowMs: number): void
  /** Called before each write of `nextBytes` to a file of `size` bytes. */
  isDue(size: number, nextBytes: number, nowMs: number): boolean
  rotate(path: string, nowMs: number): Promise<void>
}

/**
 * Rotation at a size: `x.log` becomes `x.log.1`, that one `x.log.2`, up to `keep`. With `keep` or `maxBytes` 0 it never is.
 *
 * @see Python's `RotatingFileHandler`
 */
export class SizeRotation implements Rotation {
  readonly #maxBytes: number
  readonly #keep: number

  constructor(options: { readonly maxBytes: number; readonly keep: number }) {
    this.#maxBytes = options.maxBytes
    this.#keep = options.keep
  }

  begin(): void {}

  isDue(size: number, nextBytes: number): boolean {
    return this.#keep > 0 && this.#maxBytes > 0 && size > 0 && size + nextBytes >= this.#maxBytes
  }

  async rotate(path: string): Promise<void> {
    for (let number = this.#keep - 1; number >= 0; number -= 1) {
      await renameIfThere(number === 0 ? path : `${path}.${number}`, `${path}.${number + 1}`)
    }
  }
}

/** `weekday`: at the midnight that ends that day; 0 is Monday. `midnight`: at each. Others: so long after the last change. */
export type RotationSchedule =
  | { readonly unit: 'seconds' | 'minutes' | 'hours' | 'days'; readonly every: number }
  | { readonly unit: 'midnight' }
  | { readonly unit: 'weekday'; readonly day: number }

const unitMs = { seconds: 1_000, minutes: 60_000, hours: 3_600_000, days: 86_400_000 } as const
const dayMs = unitMs.days

/** How the time that a file begins with is written behind its name. */
const suffixes = {
  seconds: { format: '%Y-%m-%d_%H-%M-%S', pattern: /^\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d$/ },
  minutes: { format: '%Y-%m-%d_%H-%M', pattern: /^\d{4}-\d\d-\d\d_\d\d-\d\d$/ },
  hours: { format: '%Y-%m-%d_%H', pattern: /^\d{4}-\d\d-\d\d_\d\d$/ },
  days: { format: '%Y-%m-%d', pattern: /^\d{4}-\d\d-\d\d$/ },
  midnight: { format: '%Y-%m-%d', pattern: /^\d{4}-\d\d-\d\d$/ },
  weekday: { format: '%Y-%m-%d', pattern: /^\d{4}-\d\d-\d\d$/ },
} as const

/**
 * Rotation by time: `x.log` becomes `x.log.<time at which it began>`; the newest `keep` are kept, all if it is 0.
 *
 * @see Python's `TimedRotatingFileHandler`
 */
export class IntervalRotation implements Rotation {
  readonly #schedule: RotationSchedule
  readonly #keep: number
  #rotateAtMs = Number.POSITIVE_INFINITY

  constructor(schedule: RotationSchedule, options: { readonly keep: number }) {
    this.#schedule = schedule
    this.#keep = options.keep
  }

  begin(file: Pick<Stats, 'mtimeMs'>): void {
    this.#rotateAtMs = nextRotation(this.#schedule, file.mtimeMs)
  }

  isDue(size: number, _nextBytes: number, nowMs: number): boolean {
    if (nowMs < this.#rotateAtMs) return false
    if (size > 0) return true
    this.#rotateAtMs = nextRotation(this.#schedule, nowMs)
    return false
  }

  async rotate(path: string, nowMs: number): Promise<void> {
    const { format } = suffixes[this.#schedule.unit]
    const began = new Date(this.#rotateAtMs - periodMs(this.#schedule))
    await rename(path, `${path}.${strftime(format, began)}`)
    this.#rotateAtMs = nextRotation(this.#schedule, nowMs)
    if (this.#keep > 0) await this.#removeOldest(path)
  }

  async #removeOldest(path: string): Promise<void> {
    const { pattern } = suffixes[this.#schedule.unit]
    const prefix = `${basename(path)}.`
    const rotated = (await readdir(dirname(path))).filter((name) => name.startsWith(prefix) && pattern.test(name.slice(prefix.length)))
    for (const name of rotated.sort().slice(0, -this.#keep)) await rm(join(dirname(path), name), { force: true })
  }
}

function periodMs(schedule: RotationSchedule): number {
  if (schedule.unit === 'midnight') return dayMs
  return schedule.unit === 'weekday' ? 7 * dayMs : unitMs[schedule.unit] * schedule.every
}

/** When a file that was last changed at `fromMs` is due; midnights are local. */
export function nextRotation(schedule: RotationSchedule, fromMs: number): number {
  if (schedule.unit !== 'midnight' && schedule.unit !== 'weekday') return fromMs + periodMs(schedule)
  const from = new Date(fromMs)
  const weekday = (from.getDay() + 6) % 7
  const ahead = schedule.unit === 'weekday' ? (schedule.day - weekday + 7) % 7 : 0
  return new Date(from.getFullYear(), from.getMonth(), from.getDate() + ahead + 1).getTime()
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT') throw err
  }
}
