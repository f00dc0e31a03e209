// Waiting for what a cloud does by itself.
import { setTimeout as sleep } from 'node:timers/promises'

/** Something did not come about in time. */
export class NotInTime extends Error {
  name = 'NotInTime'
}

/**
 * Asks until the answer is something true, and returns it.
 * @template T
 * @param {string} what ends the sentence "waited for ..."
 * @param {() => Promise<T | false | null | undefined>} ask
 * @param {{ timeoutMs?: number, everyMs?: number, describe?: () => string }} [options]
 * @returns {Promise<T>}
 */
export async function pollUntil(what, ask, { timeoutMs = 30_000, everyMs = 200, describe = () => '' } = {}) {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (performance.now() >= deadline) throw new NotInTime(`waited ${timeoutMs / 1000} s for ${what}${describe()}`)
    await sleep(everyMs)
  }
}
