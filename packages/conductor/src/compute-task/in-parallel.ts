/**
 * Run `work` for each item, at most `limit` at once. All are tried; then the first failure, in the order of the items, is thrown.
 *
 * @returns the results in the order of the items
 */
export async function inParallel<T, R>(items: readonly T[], limit: number, work: (item: T, at: number) => Promise<R>): Promise<R[]> {
  const results: PromiseSettledResult<R>[] = new Array(items.length)
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const at = next++
      try {
        results[at] = { status: 'fulfilled', value: await work(items[at]!, at) }
      } catch (reason) {
        results[at] = { status: 'rejected', reason }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason
    return result.value
  })
}

/** Instances that one request works on at once: enough to hide the round trips, few enough to leave connections to others. */
export const INSTANCES_AT_ONCE = 8
