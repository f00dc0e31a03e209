import type { Check } from './checks.js'

export interface Answer {
  readonly status: number
  readonly body: string
  readonly type?: string
}

/** As Kubernetes' own services answer: a word, or what is wrong, or with `verbose` each check. */
export function answerOf(checks: readonly Check[], { what, verbose, nowMs }: { what: string; verbose: boolean; nowMs: number }): Answer {
  const failed = checks.filter(({ failure }) => failure !== null)
  const isFine = failed.length === 0
  if (isFine && !verbose) return { status: 200, body: 'ok\n' }
  const lines = (verbose ? checks : failed).map((check) => lineOf(check, nowMs))
  return { status: isFine ? 200 : 503, body: `${[...lines, `${what}: ${isFine ? 'ok' : 'failed'}`].join('\n')}\n` }
}

function lineOf({ name, failure, sinceMs }: Check, nowMs: number): string {
  if (failure === null) return `[+]${name} ok`
  if (sinceMs === null) return `[-]${name} ${failure}`
  const seconds = Math.max(0, Math.round((nowMs - sinceMs) / 1000))
  return `[-]${name} ${failure} for ${seconds} s, since ${new Date(sinceMs).toISOString()}`
}
