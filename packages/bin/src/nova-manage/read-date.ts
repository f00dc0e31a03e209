const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/** `2026-11-23`, `2026-11-23 14:05`, `2026-11-23T14:05:06.5Z`, with or without a zone. */
const isoForm = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i
/** What `date` prints: `Mon Nov 23 14:05:06 UTC 2026`, in newer locales `Mon Nov 23 02:05:06 PM UTC 2026`; the weekday may be missing. */
const dateForm =
  /^(?:[a-z]{3},?\s+)?([a-z]{3})[a-z]*\s+(\d{1,2})\s+(\d{1,2}):(\d{2}):(\d{2})(?:\s+([AP]M))?(?:\s+(UTC|GMT|[+-]\d{4}))?\s+(\d{4})$/i
/** The same with the day first: `Mon 23 Nov 2026 02:05:06 PM UTC`, and of a mail: `Mon, 23 Nov 2026 14:05:06 +0000`. */
const dayFirstForm =
  /^(?:[a-z]{3},?\s+)?(\d{1,2})\s+([a-z]{3})[a-z]*\s+(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s+([AP]M))?)?(?:\s+(UTC|GMT|[+-]\d{4}))?$/i

/**
 * A time as `--before` takes it; without a zone it is UTC, as the times of the database are, and without a time of day midnight.
 *
 * @returns null for what is none
 */
export function readDate(text: string): Date | null {
  const given = text.trim()
  const iso = isoForm.exec(given)
  if (iso !== null) return dateOf(iso[1], iso[2], iso[3], iso[4], iso[5], iso[6], undefined, iso[7])
  const printed = dateForm.exec(given)
  if (printed !== null) {
    const [, month, day, hour, minute, second, half, zone, year] = printed
    return dateOf(year, monthNumber(month), day, hour, minute, second, half, zone)
  }
  const dayFirst = dayFirstForm.exec(given)
  if (dayFirst === null) return null
  const [, day, month, year, hour, minute, second, half, zone] = dayFirst
  return dateOf(year, monthNumber(month), day, hour, minute, second, half, zone)
}

type Part = string | undefined

function monthNumber(name = ''): string {
  return String(months.indexOf(name.toLowerCase()) + 1)
}

function dateOf(year: Part, month: Part, day: Part, hour: Part, minute: Part, second: Part, half: Part, zone: Part): Date | null {
  const [y, m, d, h, min, s] = [year, month, day, hour ?? '0', minute ?? '0', second ?? '0'].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (half !== undefined && (h < 1 || h > 12)) return null
  const hours = half === undefined ? h : (h % 12) + (/p/i.test(half) ? 12 : 0)
  const wall = new Date(Date.UTC(y, m - 1, d, hours, min, s))
  // A 31st of April would be the 1st of May.
  const isReal = wall.getUTCMonth() === m - 1 && wall.getUTCDate() === d && hours < 24 && min < 60 && s < 60
  return isReal ? new Date(wall.getTime() - offsetMs(zone)) : null
}

function offsetMs(zone: Part): number {
  const parts = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '')
  if (parts === null) return 0
  const minutes = Number(parts[2]) * 60 + Number(parts[3])
  return (parts[1] === '-' ? -minutes : minutes) * 60_000
}
