// Guru meditation reports of a nova-conductor by itself: signal to whole file, with an event loop that turns and with one that is stuck;
// and what the thread costs that gets a report out of a stuck one.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cpuMs, launch, program, rssMb, summarize } from './_measure.mjs'

const started = /Start-up step periodic_tasks done/
const watches = /A report can be had of a stuck event loop/
const blockLoop = fileURLToPath(new URL('../packages/bin/dist/test/e2e/support/block-loop.js', import.meta.url))
/** After the end of the start: by then the thread is there, and garbage of the start is collected. */
const settleMs = 3000
/** A heap that is not used is made smaller by then, which takes CPU. */
const longSettleMs = 20_000

function place(guard) {
  const folder = mkdtempSync(join(tmpdir(), 'micronova-bench-'))
  const reports = join(folder, 'reports')
  mkdirSync(reports)
  const config = join(folder, 'nova.conf')
  writeFileSync(
    config,
    `[DEFAULT]
transport_url = memory://
host = bench1
state_path = ${folder}
use_stderr = true
default_log_levels = oslo.reports=DEBUG
[database]
connection = sqlite:///${folder}/nova.sqlite
[conductor]
workers = 1
[oslo_reports]
log_dir = ${reports}
[micronova]
report_format = json
report_stuck_loop = ${guard}
`,
  )
  return { folder, reports, config }
}

/** Milliseconds from a signal to the whole file. */
async function reportMs(pid, reports) {
  const before = new Set(readdirSync(reports))
  const begun = performance.now()
  process.kill(pid, 'SIGUSR2')
  for (;;) {
    const [name] = readdirSync(reports).filter((one) => !before.has(one))
    if (name !== undefined && readFileSync(join(reports, name), 'utf8').endsWith('}\n')) return performance.now() - begun
    if (performance.now() - begun > 10_000) throw new Error('no report within 10 s')
    await sleep(1)
  }
}

async function turning(runs) {
  const { folder, reports, config } = place(true)
  const conductor = launch(program('nova-conductor'), ['--config-file', config])
  try {
    await conductor.until(started)
    await sleep(settleMs)
    const times = []
    for (let run = 0; run < runs; run++) times.push(await reportMs(conductor.pid, reports))
    return times
  } finally {
    await conductor.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function stuck(how) {
  const { folder, reports, config } = place(true)
  const env = { ...process.env, NODE_OPTIONS: `--import ${blockLoop}`, BLOCK_AT: join(folder, 'block'), BLOCK_HOW: how }
  const conductor = launch(program('nova-conductor'), ['--config-file', config, '--debug'], { env, detached: true })
  try {
    await conductor.until(watches)
    writeFileSync(env.BLOCK_AT, '')
    await conductor.until(/^blocked$/m)
    return await reportMs(conductor.pid, reports)
  } finally {
    process.kill(-conductor.pid, 'SIGKILL') // with the child process that it waits for
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Two that differ in the guard alone: exec to started one after the other, then memory and CPU of the same idle seconds. */
async function costs(idleSeconds) {
  const places = [true, false].map(place)
  const running = []
  try {
    for (const { config } of places) {
      const conductor = launch(program('nova-conductor'), ['--config-file', config])
      running.push({ conductor, startMs: await conductor.until(started) })
    }
    await sleep(longSettleMs)
    const before = running.map(({ conductor: { pid } }) => cpuMs(pid))
    await sleep(idleSeconds * 1000)
    return running.map(({ conductor: { pid }, startMs }, index) => {
      return { startMs, rss: rssMb(pid), idle: ((cpuMs(pid) - before[index]) * 60) / idleSeconds }
    })
  } finally {
    for (const { conductor } of running) await conductor.stop()
    for (const { folder } of places) rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {{ runs?: string, idle?: string }} options */
export async function run({ runs = '3', idle = '30' }) {
  const figures = { turning_ms: summarize(await turning(Number(runs) * 2)) }
  for (const how of ['javascript', 'native']) {
    const times = []
    for (let index = 0; index < Number(runs); index++) times.push(await stuck(how))
    figures[`stuck_in_${how}_ms`] = summarize(times)
  }
  const lists = { with: [], without: [] }
  for (let index = 0; index < Number(runs); index++) {
    const [guarded, plain] = await costs(Number(idle))
    lists.with.push(guarded)
    lists.without.push(plain)
  }
  for (const [name, list] of Object.entries(lists)) {
    figures[`start_ms_${name}`] = summarize(list.map(({ startMs }) => startMs))
    figures[`rss_mb_${name}`] = summarize(list.map(({ rss }) => rss))
    figures[`idle_cpu_ms_per_minute_${name}`] = summarize(list.map(({ idle: ms }) => ms))
  }
  return figures
}

export function describe(figures) {
  return Object.entries(figures)
    .map(([name, { median, min, max }]) => `${name.replaceAll('_', ' ').padEnd(36)} ${median}  (${min} to ${max})`)
    .join('\n')
}
