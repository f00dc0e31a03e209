import type { RequestInFlight, RestObserver } from '@micronova/clients'
import type { ComputeReport, Place } from '@micronova/compute'
import type { RpcObserver, Transport, TransportReport } from '@micronova/messaging'
import type { Service, ServiceReport, StartSteps } from '@micronova/service'

/** What of a privileged helper is shown. */
export interface PrivsepReport {
  readonly context: string
  readonly running: boolean
  readonly started: number
}

/** The parts of a program that can say how they are. */
export interface InspectedParts {
  readonly service: Pick<Service, 'report'>
  /** By what they are for: `rpc`, `notifications`, `cell rabbit://...`; asked anew at each look. */
  transports(): Readonly<Record<string, Pick<Transport, 'report'>>>
  /** Those that it cannot work without, by their groups of options; asked anew at each look. */
  databases?(): Readonly<Record<string, { ping(): Promise<void> }>>
  /** Of nova-compute alone. */
  compute?(): ComputeReport
  /** Of nova-compute alone; the longest there first. */
  places?(): readonly Place[]
  /** To other services, under way. */
  requests?(): readonly RequestInFlight[]
  privsep?(): readonly PrivsepReport[]
}

/**
 * Where those look who want to know how a running program is: the guru report, metrics, the console. Each part is asked when somebody
 * looks, so a program that nobody looks at pays nothing.
 */
export class Inspection {
  readonly program: string
  /** Of the start. */
  readonly steps: Pick<StartSteps, 'steps'>
  /** Told of each request and call, if it is set before the transports are made. */
  rpcObserver: RpcObserver | undefined
  /** Told of each request to another service, if it is set before the clients are made. */
  restObserver: RestObserver | undefined
  #parts: InspectedParts | null = null

  constructor(program: string, steps: Pick<StartSteps, 'steps'>) {
    this.program = program
    this.steps = steps
  }

  /** The program is made, though not started yet. */
  show(parts: InspectedParts): void {
    this.#parts = parts
  }

  /** Null before the service is made. */
  service(): ServiceReport | null {
    return this.#parts?.service.report() ?? null
  }

  transports(): Readonly<Record<string, TransportReport>> {
    const transports = Object.entries(this.#parts?.transports() ?? {})
    return Object.fromEntries(transports.map(([name, transport]) => [name, transport.report()]))
  }

  databases(): Readonly<Record<string, { ping(): Promise<void> }>> {
    return this.#parts?.databases?.() ?? {}
  }

  /** Null in another program, and before the service is made. */
  compute(): ComputeReport | null {
    return this.#parts?.compute?.() ?? null
  }

  places(): readonly Place[] {
    return this.#parts?.places?.() ?? []
  }

  requests(): readonly RequestInFlight[] {
    return this.#parts?.requests?.() ?? []
  }

  privsep(): readonly PrivsepReport[] {
    return this.#parts?.privsep?.() ?? []
  }
}
