import { monitorEventLoopDelay } from 'node:perf_hooks'
import { systemClock } from '@micronova/lifecycle'
import { setupLogging } from '../../src/setup-logging.js'
import { settingsWith } from '../settings.js'

/** What a flood reports to its parent, after its lines and again after its close. */
export interface FloodReport {
  readonly lost: number
  readonly bufferedBytes: number
  readonly failure: string | null
  /** The longest time that the event loop stood still. */
  readonly longestDelayMs: number
}

/**
 * A process that logs more lines to its standard output than anyone reads, and says so by its IPC channel.
 * `go` from the parent starts it, `end` makes it close and exit.
 */
const lines = 20_000
const burst = 100
const maxBufferedBytes = 256 * 1024
const closeWithinMs = 300

const { stdout, stderr } = process
const logging = setupLogging(settingsWith(), { clock: systemClock, program: 'flood', version: '0', stdout, stderr, maxBufferedBytes })
const log = logging.getLogger('nova.flood')
const delay = monitorEventLoopDelay({ resolution: 5 })

function report(): FloodReport {
  const [output] = logging.stats.outputs
  if (output === undefined) throw new Error('no output')
  const { lost, bufferedBytes, failure } = output
  return { lost, bufferedBytes, failure, longestDelayMs: delay.max / 1e6 }
}

async function flood(): Promise<void> {
  delay.enable()
  for (let done = 0; done < lines; done += 1) {
    log.info(`line ${done}`)
    if (done % burst === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  delay.disable()
  process.send?.(report())
}

process.on('message', (command) => {
  if (command === 'go') void flood()
  if (command === 'end') void logging.close(AbortSignal.timeout(closeWithinMs)).then(() => process.exit(0))
})
process.send?.('ready')
