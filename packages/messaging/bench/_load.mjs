// Keeps calls in flight for a while and counts them.

/** @returns {Promise<{calls_per_s: number, p50_ms: number, p99_ms: number}>} */
export async function measureCalls(call, inFlight, seconds) {
  // A service runs for months: measure code that is warm, not how soon the compiler gets to it.
  await load(call, 32, Math.min(1.5, seconds))
  const { latencies, elapsedSeconds } = await load(call, inFlight, seconds)
  latencies.sort((one, other) => one - other)
  const at = (part) => round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))])
  return { calls_per_s: Math.round(latencies.length / elapsedSeconds), p50_ms: at(0.5), p99_ms: at(0.99) }
}

/** Casts as fast as the sender takes them, `window` unconfirmed at once. */
export async function measureCasts(cast, count, window = 256) {
  const start = performance.now()
  let left = count
  const worker = async () => {
    while (left-- > 0) await cast()
  }
  await Promise.all(Array.from({ length: window }, worker))
  return Math.round(count / ((performance.now() - start) / 1000))
}

async function load(call, inFlight, seconds) {
  const latencies = []
  const start = performance.now()
  const end = start + seconds * 1000
  const worker = async () => {
    for (let begin = performance.now(); begin < end; begin = performance.now()) {
      await call()
      latencies.push(performance.now() - begin)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, worker))
  return { latencies, elapsedSeconds: (performance.now() - start) / 1000 }
}

function round(ms) {
  return Math.round(ms * 1000) / 1000
}
