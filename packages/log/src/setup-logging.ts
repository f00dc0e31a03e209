import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Clock } from '@micronova/lifecycle'
import { Dispatcher } from './dispatcher.js'
import { LogError, reasonOf } from './errors.js'
import { errorLines } from './format/error-text.js'
import type { ProcessFacts } from './format/formatter.js'
import { maskSecrets } from './format/mask-secrets.js'
import { parseLevel } from './levels.js'
import type { LogExtra, Logger } from './logger.js'
import { LoggerTree } from './logger-tree.js'
import type { LogSettings } from './options.js'
import type { BufferedWriter, OutputStats } from './output/buffered-writer.js'
import { type ConsoleStream, consoleSink } from './output/descriptor-sink.js'
import type { Sink } from './output/sink.js'
import { type BuildDeps, type BuiltLogging, buildLogging } from './plan/build.js'
import type { LoggingPlan } from './plan/plan.js'
import { planFromFile } from './plan/plan-from-file.js'
import { levelNodes, planFromSettings, rootLevel } from './plan/plan-from-settings.js'
import { RateLimit } from './rate-limit.js'
import { TreeLogger } from './tree-logger.js'

/** Lines that wait for a slow output take at most this much memory, for each output. */
const defaultMaxBufferedBytes = 4 * 1024 * 1024
/** How long outputs of an earlier configuration may take to write what they still have. */
const retireMs = 5_000

export interface LoggingDeps {
  readonly clock: Clock
  /** The name of the running program, `nova-compute`: of the file in log_dir, and in syslog. */
  readonly program: string
  /** Of the product `nova`. */
  readonly version: string
  /** `process.stdout` and `process.stderr`; never closed. */
  readonly stdout: ConsoleStream
  readonly stderr: ConsoleStream
  /** `logger=LEVEL` pairs that come after default_log_levels; see clientDebugLevels. */
  readonly extraLevels?: readonly string[]
  /** Bytes of lines that may wait for each output; 4 MiB unless given. */
  readonly maxBufferedBytes?: number
}

export interface LoggingStats {
  readonly outputs: readonly OutputStats[]
  /** Lines that could not be formatted. */
  readonly failed: number
}

const product = 'nova'

/** Options that are accepted because upstream has them. */
const withoutEffect = ['publish_errors', 'use_eventlog', 'fatal_deprecations'] as const

/**
 * Set up logging as the options say: compiles the formats, opens the files.
 *
 * @param settings read again by reconfigure()
 * @throws LogError in one sentence; nothing is open then
 */
export function setupLogging(settings: LogSettings, deps: LoggingDeps): Logging {
  const logging = new Logging(settings, deps)
  const unused = withoutEffect.filter((name) => settings[name])
  if (unused.length > 0) logging.getLogger(`${product}.log`).warning(`set but without effect: ${unused.join(', ')}`)
  return logging
}

/** The logging of a process. Made by setupLogging. */
export class Logging {
  /** Logs under the name `root`; its children have their own names alone. */
  readonly root: Logger
  readonly #settings: LogSettings
  readonly #deps: LoggingDeps
  readonly #facts: ProcessFacts
  readonly #dispatcher: Dispatcher
  /** For what cannot be said in the log. */
  readonly #console: Sink
  #writers: readonly BufferedWriter[]
  #configFile: string | null

  /** @throws LogError */
  constructor(settings: LogSettings, deps: LoggingDeps) {
    this.#settings = settings
    this.#deps = deps
    const startedMs = deps.clock.now()
    this.#facts = { product, version: deps.version, pid: process.pid, hostname: hostname(), startedMs }
    this.#console = consoleSink(deps.stderr, 'standard error')
    const rateLimit = rateLimitOf(settings, deps.clock)
    this.#configFile = settings.log_config_append
    const built = this.#build()
    this.#writers = built.writers
    this.#dispatcher = new Dispatcher(built.tree, deps.clock, rateLimit)
    this.root = new TreeLogger('', this.#dispatcher)
  }

  /** @param name dotted: `nova.compute.manager`. One that begins with `oslo_` is put under `oslo.`, as upstream. */
  getLogger(name: string): Logger {
    return name === '' ? this.root : this.root.child(name)
  }

  get stats(): LoggingStats {
    return { outputs: this.#writers.map((writer) => writer.stats), failed: this.#dispatcher.failed }
  }

  /** Number of the level by name, as far as one is set; the empty name is the root's. */
  get levels(): ReadonlyMap<string, number> {
    return new Map([...this.#dispatcher.tree.nodes].map(([name, { levelNumber }]) => [name, levelNumber]))
  }

  /**
   * Change levels from now on; other names keep theirs.
   *
   * @param change.levels `logger=LEVEL` pairs
   * @throws LogError bad_option; nothing is changed then
   */
  setLevels(change: { readonly debug?: boolean; readonly levels?: readonly string[] }): void {
    const nodes = new Map(this.#dispatcher.tree.nodes)
    const setLevel = (name: string, levelNumber: number) =>
      nodes.set(name, { ...(nodes.get(name) ?? { handlers: [], propagate: true }), levelNumber })
    if (change.debug !== undefined) setLevel('', rootLevel(change.debug))
    for (const [name, { levelNumber }] of levelNodes(change.levels ?? [])) setLevel(name, levelNumber)
    this.#dispatcher.use(new LoggerTree(nodes))
  }

  /**
   * Take over the mutable options, after SIGHUP: `debug`, and the file of log_config_append, which is read again.
   * Resolves when the outputs of the file as it was are closed.
   *
   * @throws LogError; logging goes on as before then
   */
  async reconfigure(): Promise<void> {
    const configFile = this.#settings.log_config_append
    if (!configFile && !this.#configFile) {
      this.setLevels({ debug: this.#settings.debug })
      return
    }
    const built = this.#build()
    const retired = this.#writers
    this.#configFile = configFile
    this.#writers = built.writers
    this.#dispatcher.use(built.tree)
    await closeAll(retired, AbortSignal.timeout(retireMs))
  }

  /** Let go of the log files and open them by their paths: after logrotate, on SIGHUP. */
  reopen(): void {
    for (const writer of this.#writers) writer.reopen()
  }

  /** Resolves when all lines so far are written, or when `deadline` aborts. */
  async flush(deadline: AbortSignal): Promise<void> {
    await Promise.all(this.#writers.map((writer) => writer.flush(deadline)))
  }

  /** Write what waits until `deadline` aborts, then close the outputs. Lines logged later are lost. */
  async close(deadline: AbortSignal): Promise<void> {
    await closeAll(this.#writers, deadline)
  }

  /**
   * Log the end of the process and write everything before returning. If an output cannot do that, as syslog, the
   * message goes to standard error as well.
   */
  fatal(message: string, extra: LogExtra = {}): void {
    this.getLogger(product).critical(message, extra)
    const flushed = this.#writers.map((writer) => writer.flushSync())
    if (flushed.every(Boolean)) return
    const text = [message, ...(extra.err === undefined ? [] : errorLines(extra.err))].join('\n')
    try {
      this.#console.writeSync?.(this.#consoleLine(text))
    } catch {
      // standard error is gone as well: nobody is left to be told
    }
  }

  #build(): BuiltLogging {
    const { clock, stdout, stderr, program, maxBufferedBytes = defaultMaxBufferedBytes } = this.#deps
    const onFailure: BuildDeps['onFailure'] = (sink, reason) =>
      this.#complain(`log lines cannot be written to ${sink.name} (${reason}) and wait in memory`)
    const deps = { settings: this.#settings, facts: this.#facts, clock, stdout, stderr, program, maxBufferedBytes, onFailure }
    return buildLogging(this.#plan(), deps)
  }

  #plan(): LoggingPlan {
    const { log_config_append: file } = this.#settings
    const { program, extraLevels = [] } = this.#deps
    return file ? planFromFile(readConfigFile(file), file) : planFromSettings(this.#settings, { program, extraLevels })
  }

  /** To standard error, in the background: the operator has no other way to know. */
  #complain(text: string): void {
    this.#console.write(this.#consoleLine(text)).catch(() => {})
  }

  #consoleLine(text: string): Buffer {
    return Buffer.from(maskSecrets(`${this.#deps.program}: ${text}\n`))
  }
}

function readConfigFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (err) {
    throw new LogError('bad_config_file', `log_config_append: cannot read ${file}: ${reasonOf(err)}`, { cause: err })
  }
}

function rateLimitOf(settings: LogSettings, clock: Clock): RateLimit | null {
  const { rate_limit_burst: burst, rate_limit_interval: intervalSeconds, rate_limit_except_level: except } = settings
  if (burst < 1 || intervalSeconds < 1) return null
  const exceptLevelNumber = except === '' ? Number.POSITIVE_INFINITY : parseLevel(except, 'rate_limit_except_level')
  return new RateLimit(clock, { burst, intervalSeconds, exceptLevelNumber })
}

async function closeAll(writers: readonly BufferedWriter[], deadline: AbortSignal): Promise<void> {
  await Promise.all(writers.map((writer) => writer.close(deadline)))
}
