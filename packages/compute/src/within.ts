import type { Clock } from '@micronova/lifecycle'

export interface WithinOptions {
  readonly clock: Clock
  readonly ms: number
  /** Ends the waiting with its reason. */
  readonly signal: AbortSignal
}

/** The result of `work`, or null if it takes longer than `ms`: then it goes on, and must not reject later. */
export async function within<T>(work: Promise<T>, { clock, ms, signal }: WithinOptions): Promise<T | null> {
  const over = new AbortController()
  const waited = clock.sleep(ms, AbortSignal.any([over.signal, signal])).then(
    () => null,
    (err: unknown) => {
      if (over.signal.aborted) return null
      throw err
    },
  )
  try {
    return await Promise.race([work, waited])
  } finally {
    over.abort()
  }
}
