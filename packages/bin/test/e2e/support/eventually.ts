import { setTimeout as sleep } from 'node:timers/promises'

const pollMs = 20

/** Looks again and again until `look` answers something else than `undefined`. For what no one tells us of: rows, files, processes. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined> | T | undefined, withinMs = 20_000): Promise<T> {
  for (const giveUpAt = performance.now() + withinMs; performance.now() < giveUpAt; await sleep(pollMs)) {
    const found = await look()
    if (found !== undefined) return found
  }
  throw new Error(`within ${withinMs} ms it did not happen that ${what}`)
}
