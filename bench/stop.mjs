// SIGTERM to the end of the process with nothing in hand: nova-compute, nova-conductor alone and with workers, and a bare Node process.
import { once } from 'node:events'
import { launch, program, smallCell, summarize } from './_measure.mjs'

const started = /Start-up step periodic_tasks done/g
const bare = "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e6); console.log('up')"

/** @param {{ url?: string, runs?: string }} options */
export async function run({ url, runs = '11' }) {
  const { config, remove, write } = smallCell(url)
  write('two-workers.conf', '[conductor]\nworkers = 2\n')
  const twoWorkers = ['--config-file', config, '--config-file', `${config}.d/two-workers.conf`]
  const conductor = launch(program('nova-conductor'), ['--config-file', config])
  const candidates = {
    node: () => stopped(process.execPath, ['-e', bare], (output) => output.includes('up')),
    'nova-compute': () => stopped(program('nova-compute'), ['--config-file', config], hasStarted(1)),
    'nova-conductor': () => stopped(program('nova-conductor'), ['--config-file', config], hasStarted(1)),
    'nova-conductor, 2 workers': () => stopped(program('nova-conductor'), twoWorkers, hasStarted(2)),
  }
  const taken = Object.fromEntries(Object.keys(candidates).map((name) => [name, []]))
  try {
    await conductor.until(started)
    // In turn, so that whatever else runs on the machine hits all alike.
    for (let index = 0; index < Number(runs); index++)
      for (const [name, measure] of Object.entries(candidates)) taken[name].push(await measure())
  } finally {
    await conductor.stop()
    remove()
  }
  const stop_ms = Object.fromEntries(Object.entries(taken).map(([name, values]) => [name, summarize(values)]))
  return { runs: Number(runs), stop_ms }
}

const hasStarted = (processes) => (output) => (output.match(started)?.length ?? 0) >= processes

/** Milliseconds from the signal to the end. */
async function stopped(command, args, isUp) {
  const service = launch(command, args)
  await service.until({ test: isUp })
  const exit = once(service.child, 'exit')
  const begun = performance.now()
  service.child.kill('SIGTERM')
  const [status] = await exit
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${service.output()}`)
  return performance.now() - begun
}

export function describe({ runs, stop_ms }) {
  const rows = Object.entries(stop_ms).map(([name, { median, min, max }]) => {
    const ratio = (median / stop_ms.node.median).toFixed(1)
    return `${name.padEnd(28)} ${median} ms  (${min} to ${max})${name === 'node' ? '' : `, ${ratio} times bare Node`}`
  })
  return [`SIGTERM to the end, nothing in hand, median of ${runs}`, ...rows].join('\n')
}
