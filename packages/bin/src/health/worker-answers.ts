import type { Clock } from '@micronova/lifecycle'
import { type Check, passed } from './checks.js'
import type { Snapshot } from './metrics/metrics.js'
import { SumOfWorkers } from './metrics/sum-of-workers.js'
import type { HealthWorker, WatchedWorkers } from './program-health.js'

/** What a worker says about itself. */
export interface WorkerAnswer {
  /** The number of the question. */
  readonly health: number
  readonly ailment: string | null
  readonly checks: readonly Check[]
  /** If it was asked for. */
  readonly metrics: Snapshot | null
}

const question = /^health\? (\d+) (checks|metrics)$/

/** Null for a message that is no question. */
export function parseQuestion(message: unknown): { readonly id: number; readonly wantsMetrics: boolean } | null {
  const [, id, what] = (typeof message === 'string' && question.exec(message)) || []
  return id === undefined ? null : { id: Number(id), wantsMetrics: what === 'metrics' }
}

/** A worker that has not answered by then is silent. */
const patienceMs = 1000

type Asked = readonly [worker: HealthWorker, answer: WorkerAnswer | null]

/** Asks the workers of a supervisor over the channels that they have. */
export class WorkerAnswers {
  readonly #clock: Clock
  readonly #workers: WatchedWorkers
  readonly #sum = new SumOfWorkers()
  readonly #known = new WeakSet<HealthWorker>()
  readonly #waiting = new Map<number, (answer: WorkerAnswer) => void>()
  #questions = 0

  constructor(clock: Clock, workers: WatchedWorkers) {
    this.#clock = clock
    this.#workers = workers
  }

  /** A worker that is stuck is replaced by its supervisor; as long as one is fit, or may become so, the whole need not be. */
  async livenessChecks(): Promise<Check[]> {
    const asked = await this.#ask('checks')
    const ailments = asked.map(([{ pid }, answer]) => ({ pid, ailment: answer === null ? 'no answer within 1 s' : answer.ailment }))
    if (ailments.length === 0 || ailments.some(({ ailment }) => ailment === null)) return [passed('workers')]
    return ailments.map(({ pid, ailment }) => ({ name: `worker-${pid}`, failure: ailment, sinceMs: null }))
  }

  /** Ready when all the workers are there, and each of them is. */
  async readinessChecks(): Promise<Check[]> {
    const asked = await this.#ask('checks')
    const { wanted } = this.#workers
    const missing = asked.length < wanted ? `${asked.length} of ${wanted} run` : null
    return [{ name: 'workers', failure: missing, sinceMs: null }, ...asked.flatMap(checksOf)]
  }

  async metrics(): Promise<string> {
    const asked = await this.#ask('metrics')
    const answered = new Set<number>()
    const states = { ready: 0, not_ready: 0, silent: 0 }
    for (const [{ pid }, answer] of asked) {
      states[answer === null ? 'silent' : isReady(answer) ? 'ready' : 'not_ready'] += 1
      if (pid === undefined || !answer?.metrics) continue
      answered.add(pid)
      this.#sum.learn(pid, answer.metrics)
    }
    return this.#sum.text(answered, states)
  }

  #ask(what: 'checks' | 'metrics'): Promise<Asked[]> {
    return Promise.all([...this.#workers.children].map(async (worker): Promise<Asked> => [worker, await this.#askOne(worker, what)]))
  }

  #askOne(worker: HealthWorker, what: 'checks' | 'metrics'): Promise<WorkerAnswer | null> {
    this.#listenTo(worker)
    const id = ++this.#questions
    return new Promise((resolve) => {
      const settle = (answer: WorkerAnswer | null) => {
        timer.cancel()
        this.#waiting.delete(id)
        resolve(answer)
      }
      const timer = this.#clock.setTimer(patienceMs, () => settle(null))
      this.#waiting.set(id, settle)
      worker.send(`health? ${id} ${what}`, () => {}) // one that is ending stays silent
    })
  }

  #listenTo(worker: HealthWorker): void {
    if (this.#known.has(worker)) return
    this.#known.add(worker)
    worker.on('message', (message) => {
      if (typeof message !== 'object' || message === null || !('health' in message)) return
      this.#waiting.get(Number(message.health))?.(message as WorkerAnswer)
    })
    worker.on('exit', () => {
      if (worker.pid !== undefined) this.#sum.ended(worker.pid)
    })
  }
}

function isReady({ ailment, checks }: WorkerAnswer): boolean {
  return ailment === null && checks.every(({ failure }) => failure === null)
}

function checksOf([{ pid }, answer]: Asked): readonly Check[] {
  const name = `worker-${pid}`
  if (answer === null) return [{ name, failure: 'no answer within 1 s', sinceMs: null }]
  return answer.checks.map((check) => ({ ...check, name: `${name}/${check.name}` }))
}
