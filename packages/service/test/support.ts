import type { Random } from '@micronova/lifecycle'

/** Chance that gives `values` one after the other, the last one for ever. */
export function fixedRandom(...values: number[]): Random {
  let at = 0
  return {
    next: () => values[Math.min(at++, values.length - 1)] ?? 0,
    uuid: () => '00000000-0000-4000-8000-000000000000',
    hex: (bytes) => '00'.repeat(bytes),
  }
}

/** A promise and the means to settle it. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void } {
  let resolve: (value: T) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}

/** A deadline that never comes. */
export const never: AbortSignal = new AbortController().signal

/** An error as messaging throws it when no one answers. */
export function timeoutError(): Error {
  return Object.assign(new Error('no reply'), { code: 'timeout' })
}

/** One of Nova's errors, as the model makes them. */
export function novaError(kind: string): Error {
  return Object.assign(new Error(kind), { kind })
}
