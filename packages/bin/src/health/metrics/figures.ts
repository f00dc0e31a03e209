import type { NodeReport } from '@micronova/compute'
import type { LoggingStats } from '@micronova/log'
import type { TransportReport } from '@micronova/messaging'
import { type Aggregator, Counter, Gauge, type Registry } from 'prom-client'
import type { Inspection } from '../../inspection.js'

export interface FiguresDeps {
  readonly inspection: Inspection
  readonly logging: { readonly stats: LoggingStats }
  now(): number
}

type Labels = Readonly<Record<string, string>>
/** One figure with its labels. */
type Figure = readonly [labels: Labels, value: number]

/** A metric that is asked for when somebody looks. */
interface Looked {
  readonly kind: 'gauge' | 'counter'
  /** Without `micronova_`. */
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
  /** How the figures of several workers become one. Default: their sum. */
  readonly aggregator?: Aggregator
  read(deps: FiguresDeps): readonly Figure[]
}

/** Puts into `registry` what is read off the parts of the program at each look. */
export function lookAtParts(registry: Registry, deps: FiguresDeps): void {
  for (const { kind, name, help, labels = [], aggregator = 'sum', read } of looked) {
    const options = { name: `micronova_${name}`, help, labelNames: labels, registers: [registry], aggregator }
    if (kind === 'gauge') {
      const gauge = new Gauge({
        ...options,
        collect: () =>
          refill(
            () => gauge.reset(),
            (...[at, value]) => gauge.set(at, value),
          ),
      })
    } else {
      const counter = new Counter({
        ...options,
        collect: () =>
          refill(
            () => counter.reset(),
            (...[at, value]) => counter.inc(at, value),
          ),
      })
    }
    const refill = (reset: () => void, put: (...figure: Figure) => void) => {
      reset()
      for (const figure of read(deps)) put(...figure)
    }
  }
}

const servers = ({ inspection }: FiguresDeps) => Object.values(inspection.transports()).flatMap((transport) => transport.servers)

const ofTransports =
  (read: (transport: TransportReport, name: string) => readonly Figure[]): Looked['read'] =>
  ({ inspection }) =>
    Object.entries(inspection.transports()).flatMap(([name, transport]) => read(transport, name))

const ofNodes =
  (read: (node: NodeReport) => number): Looked['read'] =>
  ({ inspection }) =>
    (inspection.compute()?.nodes ?? []).map((node) => [{ node: node.name }, read(node)])

const ofTasks =
  (read: (task: NonNullable<ReturnType<Inspection['service']>>['periodicTasks'][number]) => number | null): Looked['read'] =>
  ({ inspection }) =>
    (inspection.service()?.periodicTasks ?? []).flatMap((task) => {
      const value = read(task)
      return value === null ? [] : [[{ task: task.name }, value] as const]
    })

const megabyte = 1024 * 1024
const gigabyte = 1024 * megabyte

const looked: readonly Looked[] = [
  {
    kind: 'gauge',
    name: 'service_up',
    help: '1 while the service runs: it consumes its queues',
    read: ({ inspection }) => [[{}, inspection.service()?.state === 'running' ? 1 : 0]],
  },
  {
    kind: 'gauge',
    name: 'service_heartbeat_last_timestamp_seconds',
    help: 'When the service last reported in the database that it is alive',
    aggregator: 'min',
    read: ({ inspection }) => {
      const at = inspection.service()?.heartbeat?.lastReportedAt ?? null
      return at === null ? [] : [[{}, at / 1000]]
    },
  },
  {
    kind: 'gauge',
    name: 'start_step_seconds',
    help: 'How long each step of the start took',
    labels: ['step'],
    aggregator: 'max',
    read: ({ inspection }) =>
      inspection.steps.steps.flatMap(({ name, durationMs }) => (durationMs === null ? [] : [[{ step: name }, durationMs / 1000] as const])),
  },
  {
    kind: 'gauge',
    name: 'rpc_in_hand',
    help: 'RPC requests that are being worked on',
    labels: ['topic'],
    read: (deps) => servers(deps).map(({ topic, inHand }) => [{ topic }, inHand.length]),
  },
  {
    kind: 'gauge',
    name: 'rpc_oldest_in_hand_seconds',
    help: 'For how long the oldest RPC request has been worked on',
    labels: ['topic'],
    aggregator: 'max',
    read: (deps) =>
      servers(deps).map(({ topic, inHand: [oldest] }) => [{ topic }, oldest ? Math.max(0, deps.now() - oldest.sinceMs) / 1000 : 0]),
  },
  {
    kind: 'gauge',
    name: 'rpc_waiting',
    help: 'RPC requests that have come and wait for a free hand',
    labels: ['topic'],
    read: (deps) => servers(deps).map(({ topic, waiting }) => [{ topic }, waiting]),
  },
  {
    kind: 'gauge',
    name: 'rpc_outstanding_calls',
    help: 'RPC calls of this service whose replies have not come yet',
    labels: ['transport'],
    read: ofTransports(({ calls }, transport) => [[{ transport }, calls.length]]),
  },
  {
    kind: 'gauge',
    name: 'broker_connection_up',
    help: '1 while the connection is there and set up',
    labels: ['transport', 'purpose'],
    aggregator: 'min',
    read: ofTransports(({ connections }, transport) =>
      connections.filter(({ state }) => state !== 'unused').map(({ purpose, state }) => [{ transport, purpose }, state === 'up' ? 1 : 0]),
    ),
  },
  {
    kind: 'gauge',
    name: 'broker_connection_blocked',
    help: '1 while the broker takes nothing on the connection',
    labels: ['transport', 'purpose'],
    aggregator: 'max',
    read: ofTransports(({ connections }, transport) =>
      connections.map(({ purpose, isBlocked }) => [{ transport, purpose }, isBlocked ? 1 : 0]),
    ),
  },
  {
    kind: 'counter',
    name: 'broker_reconnects_total',
    help: 'How often the connection was up again after a loss',
    labels: ['transport', 'purpose'],
    read: ofTransports(({ connections }, transport) => connections.map(({ purpose, reconnects }) => [{ transport, purpose }, reconnects])),
  },
  {
    kind: 'gauge',
    name: 'broker_unsent',
    help: 'Messages that wait for a connection or for the confirmation of the broker',
    labels: ['transport'],
    read: ofTransports(({ unsent }, transport) => [[{ transport }, unsent]]),
  },
  {
    kind: 'counter',
    name: 'periodic_task_runs_total',
    help: 'Runs of a periodic task that have ended',
    labels: ['task'],
    read: ofTasks(({ runs }) => runs),
  },
  {
    kind: 'counter',
    name: 'periodic_task_failures_total',
    help: 'Runs of a periodic task that have failed',
    labels: ['task'],
    read: ofTasks(({ failures }) => failures),
  },
  {
    kind: 'gauge',
    name: 'periodic_task_last_start_timestamp_seconds',
    help: 'When a periodic task was last started',
    labels: ['task'],
    aggregator: 'max',
    read: ofTasks(({ lastStartedAt }) => lastStartedAt && lastStartedAt / 1000),
  },
  {
    kind: 'gauge',
    name: 'periodic_task_last_duration_seconds',
    help: 'How long the last run of a periodic task took that has ended',
    labels: ['task'],
    aggregator: 'max',
    read: ofTasks(({ lastDurationMs }) => lastDurationMs && lastDurationMs / 1000),
  },
  {
    kind: 'gauge',
    name: 'instances',
    help: 'Instances on this host by vm_state, as of the last count (update_resources_interval)',
    labels: ['node', 'vm_state'],
    read: ({ inspection }) =>
      (inspection.compute()?.nodes ?? []).flatMap(({ name, instances }) =>
        Object.entries(instances).map(([vm_state, count]) => [{ node: name, vm_state }, count] as const),
      ),
  },
  { kind: 'gauge', name: 'node_vcpus', help: 'Processors of the node', labels: ['node'], read: ofNodes(({ vcpus }) => vcpus.total) },
  {
    kind: 'gauge',
    name: 'node_vcpus_used',
    help: 'Processors that instances have',
    labels: ['node'],
    read: ofNodes(({ vcpus }) => vcpus.used),
  },
  {
    kind: 'gauge',
    name: 'node_memory_bytes',
    help: 'Memory of the node',
    labels: ['node'],
    read: ofNodes(({ memoryMb }) => memoryMb.total * megabyte),
  },
  {
    kind: 'gauge',
    name: 'node_memory_used_bytes',
    help: 'Memory that instances have, and what is reserved for the host',
    labels: ['node'],
    read: ofNodes(({ memoryMb }) => memoryMb.used * megabyte),
  },
  {
    kind: 'gauge',
    name: 'node_disk_bytes',
    help: 'Local disk of the node',
    labels: ['node'],
    read: ofNodes(({ diskGb }) => diskGb.total * gigabyte),
  },
  {
    kind: 'gauge',
    name: 'node_disk_used_bytes',
    help: 'Local disk that instances have, and what is reserved for the host',
    labels: ['node'],
    read: ofNodes(({ diskGb }) => diskGb.used * gigabyte),
  },
  {
    kind: 'gauge',
    name: 'journal_unfinished',
    help: 'Work that was accepted and has not ended',
    read: ({ inspection }) => onlyIf(inspection.compute()?.journalled),
  },
  {
    kind: 'gauge',
    name: 'slots_running',
    help: 'Builds and snapshots that have one of their places',
    labels: ['work'],
    read: ofSlots('running'),
  },
  {
    kind: 'gauge',
    name: 'slots_waiting',
    help: 'Builds and snapshots that wait for one of their places',
    labels: ['work'],
    read: ofSlots('waiting'),
  },
  {
    kind: 'gauge',
    name: 'privsep_helper_running',
    help: '1 while the privileged helper of a context runs; the first call starts it',
    labels: ['context'],
    read: ({ inspection }) => inspection.privsep().map(({ context, running }) => [{ context }, running ? 1 : 0]),
  },
  {
    kind: 'counter',
    name: 'privsep_helper_starts_total',
    help: 'How often the privileged helper of a context was started',
    labels: ['context'],
    read: ({ inspection }) => inspection.privsep().map(({ context, started }) => [{ context }, started]),
  },
  {
    kind: 'counter',
    name: 'log_lines_written_total',
    help: 'Log lines that were handed over to an output',
    labels: ['output'],
    read: ({ logging }) => logging.stats.outputs.map(({ name, written }) => [{ output: name }, written]),
  },
  {
    kind: 'counter',
    name: 'log_lines_lost_total',
    help: 'Log lines that found no room while an output was slow or full',
    labels: ['output'],
    read: ({ logging }) => logging.stats.outputs.map(({ name, lost }) => [{ output: name }, lost]),
  },
]

function ofSlots(which: 'running' | 'waiting'): Looked['read'] {
  return ({ inspection }) => {
    const compute = inspection.compute()
    return compute === null
      ? []
      : [
          [{ work: 'build' }, compute.builds[which]],
          [{ work: 'snapshot' }, compute.snapshots[which]],
        ]
  }
}

function onlyIf(value: number | undefined): readonly Figure[] {
  return value === undefined ? [] : [[{}, value]]
}
