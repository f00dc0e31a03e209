// Start-up of nova-compute against a running RabbitMQ and nova-conductor: from exec to registered and consuming.
import { cpuMs, launch, nodeFloorMs, program, rssMb, smallCell, summarize } from './_measure.mjs'

const consuming = /Start-up step rpc_server done/

/** @param {{ url?: string, runs?: string }} options */
export async function run({ url, runs = '11' }) {
  const { config, remove } = smallCell(url)
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
    remove()
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
