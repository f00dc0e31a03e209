// npm run bench -- log: lines a second through packages/log into a file on disk, by kind of line, and what one costs.
// `call_ns` is the time that the caller of the logger waits; `lines_per_s` counts until all lines are in the file.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@micronova/lifecycle'
import { logOptions, setupLogging } from '@micronova/log'

const LINES = 200_000
/** As many as a busy service logs in one turn of its event loop; the writer gets its turn in between. */
const BURST = 100
/** Between two waits for the file, so that no line is lost and memory stays small. */
const UNFLUSHED = 10_000

const defaults = Object.fromEntries(Object.entries(logOptions.options).map(([name, spec]) => [name, spec.default]))
const context = { requestId: 'req-5c1d8f3a-0a4e-4f0e-8a54-0c4b8f3f4e11', userId: 'a'.repeat(32), projectId: 'b'.repeat(32), domainId: null }
const instanceUuid = '3f2a9a64-6a5c-4a7e-9a3b-5d1c9a6f1b20'
const message = 'Took 1.53 seconds to spawn the instance on the hypervisor.'

export async function run() {
  return {
    lines: LINES,
    info: await measure({}, (log) => log.info(message)),
    info_with_request: await measure({}, (log) => log.info(message), { context, instanceUuid }),
    info_with_secret: await measure({}, (log) => log.info(`${message} admin_password='s3cr3t' token=abc`)),
    debug_with_call_site: await measure({ debug: true }, (log) => log.debug(message)),
    debug_switched_off: await measure({}, (log) => log.debug(message)),
    json: await measure({ use_json: true }, (log) => log.info(message), { context }),
  }
}

export function describe({ lines, ...kinds }) {
  const rows = Object.entries(kinds).map(
    ([kind, { lines_per_s, call_ns }]) =>
      `${kind.padEnd(22)}${String(lines_per_s).padStart(10)} lines/s${String(call_ns).padStart(8)} ns a call`,
  )
  return [`${lines} lines of each kind to a file`, ...rows].join('\n')
}

async function measure(settings, logOne, bindings = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'micronova-bench-'))
  const path = join(folder, 'bench.log')
  const { stdout, stderr } = process
  const deps = { clock: systemClock, program: 'bench', version: '0', stdout, stderr, maxBufferedBytes: 16 * 1024 * 1024 }
  const logging = setupLogging({ ...defaults, ...settings, log_file: path }, deps)
  const log = logging.getLogger('nova.compute.manager').with(bindings)
  const begun = performance.now()
  let calling = 0
  for (let done = 0; done < LINES; done += BURST) {
    const before = performance.now()
    for (let i = 0; i < BURST; i += 1) logOne(log)
    calling += performance.now() - before
    await new Promise((resolve) => setImmediate(resolve))
    if (done % UNFLUSHED === 0) await logging.flush(AbortSignal.timeout(60_000))
  }
  await logging.close(AbortSignal.timeout(60_000))
  const wallMs = performance.now() - begun
  const { lost } = logging.stats.outputs[0]
  const bytes = statSync(path).size
  rmSync(folder, { recursive: true })
  return {
    lines_per_s: Math.round(LINES / (wallMs / 1000)),
    call_ns: Math.round((calling * 1e6) / LINES),
    mb: Math.round(bytes / 1e6),
    lost,
  }
}
