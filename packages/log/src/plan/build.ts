import type { Clock } from '@micronova/lifecycle'
import { ContextFormatter } from '../format/context-formatter.js'
import type { Formatter, ProcessFacts } from '../format/formatter.js'
import { JsonFormatter } from '../format/json-formatter.js'
import { PlainFormatter } from '../format/plain-formatter.js'
import { Handler, plainFraming, priorityFraming } from '../handler.js'
import { type LoggerNode, LoggerTree } from '../logger-tree.js'
import type { LogSettings } from '../options.js'
import { BufferedWriter } from '../output/buffered-writer.js'
import { type ConsoleStream, consoleSink } from '../output/descriptor-sink.js'
import { FileSink } from '../output/file-sink.js'
import { JournalSink } from '../output/journal-sink.js'
import { IntervalRotation, type Rotation, SizeRotation } from '../output/rotation.js'
import type { Sink } from '../output/sink.js'
import { SyslogSink } from '../output/syslog-sink.js'
import { UdpSink } from '../output/udp-sink.js'
import { errorParts } from '../record.js'
import type { FormatPlan, HandlerPlan, LoggingPlan, OutputPlan, RotationPlan } from './plan.js'

export interface BuildDeps {
  readonly settings: LogSettings
  readonly facts: ProcessFacts
  readonly clock: Clock
  readonly stdout: ConsoleStream
  readonly stderr: ConsoleStream
  /** Names the lines in syslog and journal. */
  readonly program: string
  readonly maxBufferedBytes: number
  readonly onFailure: (sink: Sink, reason: string) => void
}

/** A plan put into effect. */
export interface BuiltLogging {
  readonly tree: LoggerTree
  readonly writers: readonly BufferedWriter[]
}

/**
 * Compile the formats and open the outputs of a plan. What was opened is closed again if a later one fails.
 *
 * @throws LogError bad_option for a format, cannot_open for a file
 */
export function buildLogging(plan: LoggingPlan, deps: BuildDeps): BuiltLogging {
  const handlers = new Map<HandlerPlan, Handler>()
  try {
    for (const node of plan.values())
      for (const handlerPlan of node.handlers)
        if (!handlers.has(handlerPlan) && handlerPlan.output.kind !== 'null') handlers.set(handlerPlan, buildHandler(handlerPlan, deps))
  } catch (err) {
    for (const handler of handlers.values()) void handler.writer.close(AbortSignal.abort())
    throw err
  }
  const nodes = [...plan].map(([name, node]): [string, LoggerNode] => {
    const used = node.handlers.flatMap((handlerPlan) => handlers.get(handlerPlan) ?? [])
    return [name, { levelNumber: node.levelNumber, handlers: used, propagate: node.propagate }]
  })
  return { tree: new LoggerTree(new Map(nodes)), writers: [...handlers.values()].map((handler) => handler.writer) }
}

function buildHandler(plan: HandlerPlan, deps: BuildDeps): Handler {
  const formatter = buildFormatter(plan, deps)
  const sink = buildSink(plan.output, deps)
  const writer = new BufferedWriter(
    {
      sink,
      clock: deps.clock,
      onFailure: deps.onFailure,
      lostNotice: (count) => handler.text(lostRecord(count, sink, deps)),
    },
    { maxBytes: deps.maxBufferedBytes },
  )
  const handler: Handler = new Handler({ formatter, writer, framing: framing(plan.output), levelNumber: plan.levelNumber })
  return handler
}

function lostRecord(count: number, sink: Sink, { clock, facts }: BuildDeps) {
  return {
    name: `${facts.product}.log`,
    level: 'WARNING',
    timeMs: clock.now(),
    message: `${count} ${count === 1 ? 'line' : 'lines'} lost: ${sink.name} did not take them`,
    context: null,
    instanceUuid: null,
    callSite: null,
    ...errorParts(undefined, 'WARNING'),
  } as const
}

function buildFormatter(plan: HandlerPlan, { settings, facts, stdout, stderr }: BuildDeps): Formatter {
  const { format, output } = plan
  const stream = output.kind === 'stdout' ? stdout : stderr
  const color = 'color' in output && output.color && stream.isTTY === true
  switch (format.kind) {
    case 'context':
      return new ContextFormatter(withDateFormat(settings, format), facts, { color })
    case 'json':
      return new JsonFormatter(format.dateFormat, facts)
    case 'plain':
      return new PlainFormatter(format.format, format.dateFormat, facts, format.where)
  }
}

function withDateFormat(settings: LogSettings, { dateFormat }: FormatPlan): LogSettings {
  return { ...settings, log_date_format: dateFormat }
}

function buildSink(output: OutputPlan, { clock, stdout, stderr, program }: BuildDeps): Sink {
  switch (output.kind) {
    case 'stdout':
      return consoleSink(stdout, 'standard output')
    case 'stderr':
      return consoleSink(stderr, 'standard error')
    case 'file':
      return new FileSink(output.path, clock, { watch: output.watch, rotation: buildRotation(output.rotation) })
    case 'syslog':
      return new SyslogSink(program, { path: output.path })
    case 'syslog_udp':
      return new UdpSink(output.host, output.port)
    case 'journal':
      return new JournalSink(program, output.path)
    case 'null':
      throw new RangeError('the null output has no sink')
  }
}

function buildRotation(plan: RotationPlan | null): Rotation | undefined {
  if (plan === null) return undefined
  return plan.kind === 'size' ? new SizeRotation(plan) : new IntervalRotation(plan.schedule, plan)
}

function framing(output: OutputPlan) {
  if (output.kind === 'syslog' || output.kind === 'syslog_udp') return priorityFraming(output.facility)
  return output.kind === 'journal' ? priorityFraming() : plainFraming
}
