// Start-up of nova-compute against a running RabbitMQ and nova-conductor: from exec to registered and consuming.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cpuMs, launch, nodeFloorMs, rssMb, summarize } from './_measure.mjs'

const program = (name) => fileURLToPath(new URL(`../bin/${name}`, import.meta.url))
const consuming = /Start-up step rpc_server done/

/** @param {{ url?: string, runs?: string }} options */
export async function run({ url = 'rabbit://guest:guest@127.0.0.1:5672/', runs = '11' }) {
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
use_stderr = true
[database]
connection = sqlite:///${folder}/nova.sqlite
[conductor]
workers = 1
`,
  )
  const conductor = launch(program('nova-conductor'), ['--config-file', config])
  try {
    await conductor.until(consuming)
    const wall = []
    const cpu = []
    const rss = []
    const floor = []
    for (let index = 0; index <= Number(runs); index++) {
      const floorMs = nodeFloorMs()
      const compute = launch(program('nova-compute'), ['--config-file', config])
      const wallMs = await compute.until(consuming)
      const figures = [wallMs, cpuMs(compute.pid), rssMb(compute.pid), floorMs]
      // The first run makes the records of the host and warms the disk cache.
      if (index > 0) for (const [at, list] of [wall, cpu, rss, floor].entries()) list.push(figures[at])
      await compute.stop()
    }
    return { runs: wall.length, wall_ms: summarize(wall), cpu_ms: summarize(cpu), rss_mb: summarize(rss), node_floor_ms: summarize(floor) }
  } finally {
    await conductor.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

export function describe({ runs, wall_ms, cpu_ms, rss_mb, node_floor_ms }) {
  const row = (name, { median, min, max }, unit) => `${name.padEnd(28)} ${median} ${unit}  (${min} to ${max})`
  return [
    `nova-compute, exec to registered and consuming, ${runs} runs`,
    row('wall', wall_ms, 'ms'),
    row('cpu', cpu_ms, 'ms'),
    row('resident memory', rss_mb, 'MiB'),
    row('floor: node -e 0', node_floor_ms, 'ms'),
    `${(wall_ms.median / node_floor_ms.median).toFixed(2)} times the floor`,
  ].join('\n')
}
