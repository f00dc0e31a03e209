import type { HealthAddress } from './address.js'
import { type Answer, answerOf } from './answers.js'
import { type Check, passed, serviceChecks } from './checks.js'
import { DatabaseProbe } from './database-probe.js'
import { HealthServer } from './health-server.js'
import { Metrics } from './metrics/metrics.js'
import type { HealthDeps } from './open-health.js'
import type { ExaminedProcess, ProgramHealth } from './program-health.js'
import { parseQuestion, type WorkerAnswer, WorkerAnswers } from './worker-answers.js'

/** Of the text format that every Prometheus reads. */
const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

/** What a process says when it is asked how it is. */
interface Said {
  liveness(): Promise<readonly Check[]>
  readiness(): Promise<readonly Check[]>
  metrics(): Promise<string>
}

/** The health of a program, told over HTTP, or to the supervisor whose worker it is. */
export class Health implements ProgramHealth {
  readonly #deps: HealthDeps
  readonly #address: HealthAddress
  readonly #metrics: Metrics
  readonly #probes = new Map<string, DatabaseProbe>()
  #server: HealthServer | null = null
  #scrape: Promise<string> | null = null

  /** What is made after this is observed. */
  constructor(deps: HealthDeps, address: HealthAddress) {
    this.#deps = deps
    this.#address = address
    const { inspection, logging, clock, release } = deps
    this.#metrics = new Metrics({ inspection, logging, release, now: () => clock.now() })
    inspection.rpcObserver = this.#metrics.traffic
    inspection.restObserver = this.#metrics.traffic
  }

  async listen(process: ExaminedProcess): Promise<void> {
    const { logging, clock } = this.#deps
    const said = process.workers === null ? this.#own(process) : ofWorkers(process, new WorkerAnswers(clock, process.workers))
    this.#server = new HealthServer(
      { log: logging.getLogger('micronova.health') },
      {
        '/livez': async (query) => this.#answer('livez', await said.liveness(), query),
        '/readyz': async (query) => this.#answer('readyz', await said.readiness(), query),
        '/metrics': async () => ({ status: 200, body: await this.#scraped(said), type: metricsType }),
      },
    )
    await this.#server.listen(this.#address)
  }

  answer(message: unknown, process: ExaminedProcess): Promise<WorkerAnswer> | null {
    const question = parseQuestion(message)
    if (question === null) return null
    return this.#answerSupervisor(question, process).catch((err) => {
      this.#deps.logging.getLogger('micronova.health').error('A question about health or metrics could not be answered', { err })
      return { health: question.id, ailment: 'it could not be found out; the log says why', checks: [], metrics: null }
    })
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }

  async #answerSupervisor(
    { id, wantsMetrics }: NonNullable<ReturnType<typeof parseQuestion>>,
    process: ExaminedProcess,
  ): Promise<WorkerAnswer> {
    const [checks, metrics] = await Promise.all([this.#readiness(process), wantsMetrics ? this.#metrics.snapshot() : null])
    return { health: id, ailment: process.examine(), checks, metrics }
  }

  #own(process: ExaminedProcess): Said {
    return {
      liveness: async () => [{ name: 'work', failure: process.examine(), sinceMs: null }],
      readiness: () => this.#readiness(process),
      metrics: () => this.#metrics.text(),
    }
  }

  async #readiness(process: ExaminedProcess): Promise<Check[]> {
    const { inspection, clock } = this.#deps
    const view = {
      isStopping: process.isStopping(),
      service: inspection.service(),
      steps: inspection.steps.steps,
      rpc: inspection.transports().rpc ?? null,
      nowMs: clock.now(),
    }
    return [...serviceChecks(view), ...(await Promise.all(this.#databases().map((probe) => probe.check())))]
  }

  #databases(): DatabaseProbe[] {
    return Object.entries(this.#deps.inspection.databases()).map(([name, database]) => {
      const probe = this.#probes.get(name) ?? new DatabaseProbe(this.#deps.clock, name, database)
      this.#probes.set(name, probe)
      return probe
    })
  }

  #answer(what: string, checks: readonly Check[], query: URLSearchParams): Answer {
    return answerOf(checks, { what, verbose: query.has('verbose'), nowMs: this.#deps.clock.now() })
  }

  /** Those who ask while the figures are being read get the same. */
  #scraped(said: Said): Promise<string> {
    this.#scrape ??= said.metrics().finally(() => {
      this.#scrape = null
    })
    return this.#scrape
  }
}

function ofWorkers(process: ExaminedProcess, workers: WorkerAnswers): Said {
  const stopping = (): Check => (process.isStopping() ? { name: 'start', failure: 'stopping', sinceMs: null } : passed('start'))
  return {
    liveness: () => workers.livenessChecks(),
    readiness: async () => [stopping(), ...(await workers.readinessChecks())],
    metrics: () => workers.metrics(),
  }
}
