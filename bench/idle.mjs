// What nova-compute costs when nothing happens: CPU of a minute and resident memory after it, at default intervals.
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs, launch, program, round, rssMb, smallCell } from './_measure.mjs'

const started = /Start-up step periodic_tasks done/

/** @param {{ url?: string, seconds?: string }} options */
export async function run({ url, seconds = '60' }) {
  const { config, remove } = smallCell(url)
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
    remove()
  }
}

export function describe(figures) {
  return Object.entries(figures)
    .map(([name, { cpu_ms_per_minute, rss_mb }]) => `${name.padEnd(16)} ${cpu_ms_per_minute} ms CPU a minute, ${rss_mb} MiB resident`)
    .join('\n')
}
