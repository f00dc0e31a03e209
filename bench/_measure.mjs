// What every measurement of a process needs: its wall time to a line of its output, its CPU time, its memory.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

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

/** Path of a launcher. */
export const program = (name) => fileURLToPath(new URL(`../bin/${name}`, import.meta.url))

/**
 * A nova.conf for one conductor and one compute over SQLite, and a virtual host of their own unless `url` names a broker: the queues of
 * a Nova that uses the same broker have the same names.
 *
 * @param {string | undefined} url
 * @returns {{ config: string, url: string, write: (name: string, text: string) => void, remove: () => void }} path and broker; `write`
 *   puts a file into `<path>.d`, `remove` when the measurement has ended
 */
export function smallCell(url) {
  const folder = mkdtempSync(join(tmpdir(), 'micronova-bench-'))
  const broker = url === undefined ? ownVirtualHost() : { url, remove: () => {} }
  const config = join(folder, 'nova.conf')
  writeFileSync(
    config,
    `[DEFAULT]
transport_url = ${broker.url}
compute_driver = fake.FakeDriver
host = bench1
state_path = ${folder}
use_stderr = true
[database]
connection = sqlite:///${folder}/nova.sqlite
[conductor]
workers = 1
`,
  )
  const remove = () => {
    rmSync(folder, { recursive: true, force: true })
    broker.remove()
  }
  const write = (name, text) => {
    mkdirSync(`${config}.d`, { recursive: true })
    writeFileSync(join(`${config}.d`, name), text)
  }
  return { config, url: broker.url, write, remove }
}

function ownVirtualHost() {
  const name = `micronova-bench-${process.pid}`
  rabbitmqctl('add_vhost', name)
  rabbitmqctl('set_permissions', '-p', name, 'guest', '.*', '.*', '.*')
  return { url: `rabbit://guest:guest@127.0.0.1:5672/${name}`, remove: () => rabbitmqctl('delete_vhost', name) }
}

function rabbitmqctl(...args) {
  const { error, status, stderr } = spawnSync('rabbitmqctl', ['-q', ...args], { encoding: 'utf8' })
  if (error || status !== 0) throw new Error(`rabbitmqctl ${args[0]} failed: ${error?.message ?? stderr.trim()}; name a broker with --url`)
}
