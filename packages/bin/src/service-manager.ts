import type { Logger } from '@micronova/log'

/** Why a service is not fit to go on, in one sentence; null: it is. */
export type Ailment = string | null

/** systemd needs an answer within a second; a hung one must not hold up those that follow. */
const sendTimeoutMs = 10_000

/**
 * The service manager that started this process with `Type=notify`, and waits to be told how it fares.
 *
 * Messages go through the program `systemd-notify`, which every machine has that has such a manager: Node has no Unix datagram sockets,
 * and a library that calls `sendto` would bring native code for what is one message at the start and one in half a minute.
 *
 * @see sd_notify(3), sd_watchdog_enabled(3)
 */
export class ServiceManager {
  readonly #socket: string
  readonly #watchdogMs: number | null
  readonly #log: Logger
  #sent: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | null = null
  #isReady = false
  #isDeaf = false

  constructor(options: { readonly socket: string; readonly watchdogMs: number | null }, log: Logger) {
    this.#socket = options.socket
    this.#watchdogMs = options.watchdogMs
    this.#log = log
  }

  /** How often a sign of life is due, with time to spare; null: none is asked for. Half of the time, as sd_watchdog_enabled(3) advises. */
  get beatMs(): number | null {
    return this.#watchdogMs === null ? null : this.#watchdogMs / 2
  }

  /**
   * The service works from now on. The watchdog, if there is one, is fed for as long as `examine` finds nothing; that the
   * event loop turns is shown by its being asked at all.
   */
  ready(examine: () => Ailment): void {
    this.#isReady = true
    this.#tell('READY=1', 'STATUS=')
    if (this.beatMs === null) return
    this.#timer = setInterval(() => this.#beat(examine()), this.beatMs)
  }

  /** The configuration is being read again, which ends with `reloaded`. Nothing is said during a start. */
  reloading(): void {
    // The time is that of CLOCK_MONOTONIC, which Node's own counter is.
    if (this.#isReady) this.#tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`)
  }

  reloaded(): void {
    if (this.#isReady) this.#tell('READY=1')
  }

  /** The end has begun. The watchdog goes on being fed: work in hand may take its time. */
  stopping(): void {
    this.#isReady = false
    this.#tell('STOPPING=1')
  }

  /** Resolves when all that was told is on its way. */
  told(): Promise<void> {
    return this.#sent
  }

  #beat(ailment: Ailment): void {
    if (ailment === null) this.#tell('WATCHDOG=1')
    else {
      this.#log.error(`The watchdog is not fed: ${ailment}`)
      this.#tell(`STATUS=${ailment}`)
    }
  }

  #tell(...assignments: readonly string[]): void {
    this.#sent = this.#sent.then(() => this.#send(assignments)) // in this order
  }

  async #send(assignments: readonly string[]): Promise<void> {
    if (this.#isDeaf) return
    const { execFile } = await import('node:child_process') // a start without a service manager does not pay for it
    const env = { ...process.env, NOTIFY_SOCKET: this.#socket }
    await new Promise<void>((resolve) => {
      execFile('systemd-notify', [...assignments], { env, timeout: sendTimeoutMs }, (err, _stdout, stderr) => {
        if (err !== null) this.#failed(err, stderr)
        resolve()
      })
    })
  }

  #failed(err: NodeJS.ErrnoException | Error, stderr: string): void {
    if ('code' in err && err.code === 'ENOENT') {
      this.#isDeaf = true
      if (this.#timer !== null) clearInterval(this.#timer)
      this.#log.warning('The service manager cannot be told that this service runs: systemd-notify is not on the PATH')
    } else this.#log.warning(`The service manager may not have heard: systemd-notify failed: ${stderr.trim() || err.message}`)
  }
}

/**
 * The service manager that `environment` names, or null. What names it is taken out, so that no child speaks in our name.
 *
 * @param environment of this process; changed
 */
export function takeServiceManager(environment: NodeJS.ProcessEnv, log: Logger): ServiceManager | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: microseconds, WATCHDOG_PID: watched } = environment
  delete environment['NOTIFY_SOCKET']
  delete environment['WATCHDOG_USEC']
  delete environment['WATCHDOG_PID']
  if (socket === undefined || socket === '') return null
  const isWatched = Number(microseconds) > 0 && (watched === undefined || Number(watched) === process.pid)
  return new ServiceManager({ socket, watchdogMs: isWatched ? Number(microseconds) / 1000 : null }, log)
}
