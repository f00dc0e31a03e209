import type { VolumeUsage } from './objects/index.js'

const counts = ['reads', 'read_bytes', 'writes', 'write_bytes'] as const
type Counts = Readonly<Record<string, number | null>>

/**
 * What the record of a volume holds after a report of what has been read and written since it was attached.
 *
 * @param stored as the record is; null: there is none yet
 * @see nova 26.2.2, `db/main/api.py`, `vol_usage_update`
 */
export function countedUsage(
  stored: Counts | null,
  usage: VolumeUsage,
  at: Date,
  ends: boolean,
): Readonly<Record<string, number | Date | null>> {
  const now = counts.map((name) => [name, usage[`curr_${name}`]] as const)
  const before = (prefix: 'curr' | 'tot', name: string) => stored?.[`${prefix}_${name}`] ?? 0
  const restarted = stored !== null && now.some(([name, count]) => count < before('curr', name))
  const entries = now.flatMap(([name, count]): [string, number][] => {
    const ended = (restarted ? before('curr', name) : 0) + (ends ? count : 0)
    return [
      [`curr_${name}`, ends ? 0 : count],
      [`tot_${name}`, before('tot', name) + ended],
    ]
  })
  return { ...Object.fromEntries(entries), [ends ? 'tot_last_refreshed' : 'curr_last_refreshed']: at }
}

/** Everything that was ever read and written, as it is told. */
export function usageSoFar(usage: VolumeUsage) {
  const total = (name: (typeof counts)[number]) => (usage[`tot_${name}`] ?? 0) + (usage[`curr_${name}`] ?? 0)
  const [current, ended] = [usage.curr_last_refreshed, usage.tot_last_refreshed]
  const lastRefreshed = current !== null && (ended === null || current > ended) ? current : ended
  return { reads: total('reads'), readBytes: total('read_bytes'), writes: total('writes'), writeBytes: total('write_bytes'), lastRefreshed }
}
