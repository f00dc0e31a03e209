// The privileged helper: from the first call to its answer, and a call to a helper that runs.
import { fileURLToPath } from 'node:url'
import { systemClock } from '@micronova/lifecycle'
import { nullLogger } from '@micronova/log'
import { PrivsepHelper } from '@micronova/privsep'
import { ovsContext } from '@micronova/vif/privileged'
import { nodeFloorMs, summarize } from './_measure.mjs'

const program = fileURLToPath(new URL('../bin/micronova-privsep-helper', import.meta.url))
const rootHelper = process.geteuid() === 0 ? [] : ['sudo', '-n']

function openHelper() {
  return new PrivsepHelper({ log: nullLogger, getLogger: () => nullLogger, clock: systemClock }, ovsContext, {
    settings: { user: null, group: null, capabilities: [], helper_command: null, thread_pool_size: null, logger_name: 'helper' },
    defaults: { program, rootHelper },
  })
}

/** The cheapest function there is, so that the channel is what is measured. */
const call = ({ privileged }) => privileged.links.exists({ device: 'lo' })

async function timed(work) {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

/** @param {{ starts?: string, calls?: string }} options */
export async function run({ starts = '11', calls = '2000' }) {
  const start = []
  const floor = []
  for (let index = 0; index < Number(starts); index++) {
    const helper = openHelper()
    start.push(await timed(() => call(helper)))
    await helper.stop(AbortSignal.timeout(1000))
    floor.push(nodeFloorMs())
  }
  const helper = openHelper()
  const single = []
  await call(helper)
  for (let index = 0; index < Number(calls); index++) single.push(await timed(() => call(helper)))
  await helper.stop(AbortSignal.timeout(1000))
  const micro = summarize(single.map((ms) => ms * 1000))
  return { starts: start.length, start_ms: summarize(start), calls: single.length, call_us: micro, node_floor_ms: summarize(floor) }
}

export function describe({ starts, start_ms, calls, call_us, node_floor_ms }) {
  const row = (name, { median, min, max }, unit) => `${name.padEnd(28)} ${median} ${unit}  (${min} to ${max})`
  return [
    `privileged helper, ${starts} starts and ${calls} calls one after the other`,
    row('start to first answer', start_ms, 'ms'),
    row('call', call_us, 'us'),
    row('floor: node -e 0', node_floor_ms, 'ms'),
  ].join('\n')
}
