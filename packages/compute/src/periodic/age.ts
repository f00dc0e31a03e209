import type { Clock } from '@micronova/lifecycle'
import type { Instance } from '@micronova/model'

/** `at` lies more than `seconds` back. */
export function isOlderThan(clock: Clock, at: Date, seconds: number): boolean {
  return clock.now() - at.getTime() > seconds * 1000
}

/** Deleted, softly or not, for more than `seconds`; without a time of deletion it was long ago. */
export function isDeletedForLong(clock: Clock, { deleted_at: at }: Pick<Instance, 'deleted_at'>, seconds: number): boolean {
  return at === null || isOlderThan(clock, at, seconds)
}
