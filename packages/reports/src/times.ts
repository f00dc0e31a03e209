/** Wall time, milliseconds since 1970, as ISO 8601 in UTC. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString()
}

/** Seconds with what of them matters: `0.012`, `4.1`, `3725`. */
export function seconds(ms: number): number {
  const value = ms / 1000
  return value < 1 ? Math.round(value * 1000) / 1000 : value < 100 ? Math.round(value * 10) / 10 : Math.round(value)
}
