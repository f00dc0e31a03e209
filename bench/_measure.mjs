// What every measurement of a process needs: its wall time to a line of its output, its CPU time, its memory.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** Clock ticks a second in /proc/PID/stat; 100 on every Linux that Node runs on. */
const TICKS = 100

export function summarize(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  return { median: round(median), min: round(sorted[0]), max: round(sorted[sorted.length - 1]) }
}

export const round = (value) => Math.round(value * 10) / 10

/** Wall time of `node -e 0`, the least that any program on Node takes. */
export function nodeFloorMs() {
  const begun = performance.now()
  spawnSync(process.execPath, ['-e', '0'])
  return performance.now() - begun
}

/** CPU time of a process so far, milliseconds. */
export function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS
}

/** Resident memory, MiB. */
export function rssMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
}

/** Starts a program; `until` resolves when a line of its output matches. */
export function launch(command, args, options = {}) {
  const begun = performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let output = ''
  const waiting = new Set()
  const onData = (chunk) => {
    output += chunk
    for (const check of waiting) check()
  }
  child.stdout?.setEncoding('utf8').on('data', onData)
  child.stderr?.setEncoding('utf8').on('data', onData)
  return {
    pid: child.pid,
    child,
    output: () => output,
    until(pattern, timeoutMs = 30_000) {
      return new Promise((resolve, reject) => {
        const finish = (act) => {
          waiting.delete(check)
          clearTimeout(timer)
          act()
        }
        const check = () => pattern.test(output) && finish(() => resolve(performance.now() - begun))
        const timer = setTimeout(
          () => finish(() => reject(new Error(`${command} did not print ${pattern} in ${timeoutMs} ms:\n${output}`))),
          timeoutMs,
        )
        child.once('exit', (code) => waiting.has(check) && finish(() => reject(new Error(`${command} ended with ${code}:\n${output}`))))
        waiting.add(check)
        check()
      })
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    },
  }
}
