// What nova-compute costs when nothing happens: CPU of a minute and resident memory after it, at default intervals.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cpuMs, launch, round, rssMb } from './_measure.mjs'

const program = (name) => fileURLToPath(new URL(`../bin/${name}`, import.meta.url))
const started = /Start-up step periodic_tasks done/

/** @param {{ url?: string, seconds?: string }} options */
export async function run({ url = 'rabbit://guest:guest@127.0.0.1:5672/', seconds = '60' }) {
  const folder = mkdtempSync(join(tmpdir(), 'micronova-bench-'))
  const config = join(folder, 'nova.conf')
  writeFileSync(
    config,
    `[DEFAULT]
transport_url = ${url}
control_exchange = bench_${process.pid}
compute_driver = fake.FakeDriver
host = bench1
state_path = ${folder}
[database]
connection = sqlite:///${folder}/nova.sqlite
[conductor]
workers = 1
`,
  )
  const services = {}
  try {
    for (const name of ['nova-conductor', 'nova-compute']) {
      services[name] = launch(program(name), ['--config-file', config])
      await services[name].until(started)
    }
    await sleep(Number(seconds) * 1000) // the first minute: garbage of the start is collected, every task has run once
    const before = Object.fromEntries(Object.entries(services).map(([name, { pid }]) => [name, cpuMs(pid)]))
    await sleep(Number(seconds) * 1000)
    const figures = Object.entries(services).map(([name, { pid }]) => [
      name,
      { cpu_ms_per_minute: round(((cpuMs(pid) - before[name]) * 60) / Number(seconds)), rss_mb: round(rssMb(pid)) },
    ])
    return Object.fromEntries(figures)
  } finally {
    for (const service of Object.values(services).reverse()) await service.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

export function describe(figures) {
  return Object.entries(figures)
    .map(([name, { cpu_ms_per_minute, rss_mb }]) => `${name.padEnd(16)} ${cpu_ms_per_minute} ms CPU a minute, ${rss_mb} MiB resident`)
    .join('\n')
}
