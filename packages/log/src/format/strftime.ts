const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']

const two = (value: number) => String(value).padStart(2, '0')
const hour12 = (date: Date) => date.getHours() % 12 || 12

function dayOfYear(date: Date): number {
  const utc = (year: number, month: number, day: number) => Date.UTC(year, month, day) / 86_400_000
  return utc(date.getFullYear(), date.getMonth(), date.getDate()) - utc(date.getFullYear(), 0, 0)
}

/** Offset from UTC as `+HHMM`, or `+HH:MM` with `colon`. */
export function utcOffset(date: Date, colon = ''): string {
  const minutes = -date.getTimezoneOffset()
  const absolute = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}${colon}${two(absolute % 60)}`
}

/** Directives of C's strftime in the C locale, local time. */
const directives: Readonly<Record<string, (date: Date) => string>> = {
  a: (date) => days[date.getDay()]!.slice(0, 3),
  A: (date) => days[date.getDay()]!,
  b: (date) => months[date.getMonth()]!.slice(0, 3),
  B: (date) => months[date.getMonth()]!,
  c: (date) => strftime('%a %b %e %H:%M:%S %Y', date),
  C: (date) => two(Math.floor(date.getFullYear() / 100)),
  d: (date) => two(date.getDate()),
  D: (date) => strftime('%m/%d/%y', date),
  e: (date) => String(date.getDate()).padStart(2),
  F: (date) => strftime('%Y-%m-%d', date),
  h: (date) => months[date.getMonth()]!.slice(0, 3),
  H: (date) => two(date.getHours()),
  I: (date) => two(hour12(date)),
  j: (date) => String(dayOfYear(date)).padStart(3, '0'),
  k: (date) => String(date.getHours()).padStart(2),
  l: (date) => String(hour12(date)).padStart(2),
  m: (date) => two(date.getMonth() + 1),
  M: (date) => two(date.getMinutes()),
  n: () => '\n',
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  r: (date) => strftime('%I:%M:%S %p', date),
  R: (date) => strftime('%H:%M', date),
  s: (date) => String(Math.floor(date.getTime() / 1000)),
  S: (date) => two(date.getSeconds()),
  t: () => '\t',
  T: (date) => strftime('%H:%M:%S', date),
  u: (date) => String(date.getDay() || 7),
  U: (date) => two(Math.floor((dayOfYear(date) + 6 - date.getDay()) / 7)),
  w: (date) => String(date.getDay()),
  W: (date) => two(Math.floor((dayOfYear(date) + 6 - ((date.getDay() + 6) % 7)) / 7)),
  x: (date) => strftime('%m/%d/%y', date),
  X: (date) => strftime('%H:%M:%S', date),
  y: (date) => two(date.getFullYear() % 100),
  Y: (date) => String(date.getFullYear()),
  z: (date) => utcOffset(date),
  Z: (date) => /\(?([A-Z]{2,5})\)?$/.exec(date.toLocaleString('en-US', { timeZoneName: 'short' }))?.[1] ?? `UTC${utcOffset(date)}`,
  '%': () => '%',
}

/** `date` in local time by a format of C's strftime. An unknown directive stays as it is written. */
export function strftime(format: string, date: Date): string {
  return format.replace(/%([A-Za-z%])/g, (whole, letter: string) => directives[letter]?.(date) ?? whole)
}

/**
 * The text of %(asctime)s. Lines come in bursts, so the text of the last second is kept:
 * it makes a line about a third cheaper (`npm run bench -- log`).
 */
export class SecondClock {
  readonly #format: string
  #second = Number.NaN
  #text = ''

  /** @param format of strftime; if empty, ISO 8601 with `,milliseconds` as Python's logging does without a format */
  constructor(format: string) {
    this.#format = format
  }

  format(timeMs: number): string {
    const second = Math.floor(timeMs / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#text = strftime(this.#format || '%Y-%m-%d %H:%M:%S', new Date(timeMs))
    }
    return this.#format ? this.#text : `${this.#text},${String(timeMs - second * 1000).padStart(3, '0')}`
  }
}
