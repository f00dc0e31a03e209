import { resolve } from 'node:path'
import { isPythonName, type PythonValue, parsePythonLiteral } from '../conf/python-literal.js'
import { parseFacility } from '../levels.js'
import { journalSocketPath } from '../output/journal-sink.js'
import type { RotationSchedule } from '../output/rotation.js'
import { syslogSocketPath } from '../output/syslog-sink.js'
import type { OutputPlan, RotationPlan } from './plan.js'

/** The arguments of a handler by name: Python's positional ones have been given theirs. */
type Arguments = ReadonlyMap<string, PythonValue>

interface HandlerClass {
  /** In the order of Python's signature. */
  readonly parameters: readonly string[]
  output(args: Arguments): OutputPlan
}

const file: HandlerClass = {
  parameters: ['filename', 'mode', 'encoding', 'delay', 'errors'],
  output: (args) => filePlan(args, null),
}

/** The classes that a logging.conf may name, without the prefixes `logging.` and `handlers.`. */
const classes: Readonly<Record<string, HandlerClass>> = {
  NullHandler: { parameters: [], output: () => ({ kind: 'null' }) },
  StreamHandler: { parameters: ['stream'], output: (args) => streamPlan(args, false) },
  FileHandler: file,
  WatchedFileHandler: file,
  RotatingFileHandler: {
    parameters: ['filename', 'mode', 'maxBytes', 'backupCount', 'encoding', 'delay', 'errors'],
    output: (args) => filePlan(args, { kind: 'size', maxBytes: numberOf(args, 'maxBytes', 0), keep: numberOf(args, 'backupCount', 0) }),
  },
  TimedRotatingFileHandler: {
    parameters: ['filename', 'when', 'interval', 'backupCount', 'encoding', 'delay', 'utc', 'atTime', 'errors'],
    output: (args) => filePlan(args, { kind: 'interval', schedule: schedule(args), keep: numberOf(args, 'backupCount', 0) }),
  },
  SysLogHandler: { parameters: ['address', 'facility', 'socktype'], output: syslogPlan },
  'oslo_log.ColorHandler': { parameters: ['stream'], output: (args) => streamPlan(args, true) },
  'oslo_log.OSSysLogHandler': {
    parameters: ['facility'],
    output: (args) => ({ kind: 'syslog', path: syslogSocketPath, facility: facilityOf(args) }),
  },
  'oslo_log.OSJournalHandler': { parameters: ['facility'], output: () => ({ kind: 'journal', path: journalSocketPath }) },
  'oslo_log.watchers.FastWatchedFileHandler': {
    parameters: file.parameters,
    output: (args) => ({ ...filePlan(args, null), watch: true }),
  },
}

/**
 * The output that a handler's `class`, `args` and `kwargs` mean.
 *
 * @throws SyntaxError or TypeError in one sentence
 */
export function planHandlerOutput(className: string, args: string, kwargs: string): OutputPlan {
  const handlerClass = classes[className.replace(/^logging\./, '').replace(/(^|\.)handlers\./, '$1')]
  if (handlerClass === undefined) throw new TypeError(`handler class '${className}' is not known`)
  const positional = parsePythonLiteral(args)
  const named = parsePythonLiteral(kwargs)
  if (!Array.isArray(positional)) throw new TypeError(`args ${args} is not a tuple`)
  if (typeof named !== 'object' || named === null || Array.isArray(named)) throw new TypeError(`kwargs ${kwargs} is not a dict`)
  const all = new Map<string, PythonValue>()
  positional.forEach((value, index) => {
    const parameter = handlerClass.parameters[index]
    if (parameter === undefined) throw new TypeError(`args ${args} has more than ${handlerClass.parameters.length} values`)
    all.set(parameter, value)
  })
  for (const [name, value] of Object.entries(named)) {
    if (!handlerClass.parameters.includes(name)) throw new TypeError(`kwargs has an unknown '${name}'`)
    all.set(name, value)
  }
  return handlerClass.output(all)
}

function streamPlan(args: Arguments, color: boolean): OutputPlan {
  const stream = args.get('stream')
  if (stream === undefined || stream === null) return { kind: 'stderr', color }
  if (isPythonName(stream) && stream.pythonName === 'sys.stderr') return { kind: 'stderr', color }
  if (isPythonName(stream) && stream.pythonName === 'sys.stdout') return { kind: 'stdout', color }
  throw new TypeError('stream is neither sys.stdout nor sys.stderr')
}

function filePlan(args: Arguments, rotation: RotationPlan | null): OutputPlan & { readonly kind: 'file' } {
  const path = args.get('filename')
  if (typeof path !== 'string') throw new TypeError('args has no file name')
  const mode = args.get('mode') ?? 'a'
  if (mode !== 'a') throw new TypeError("a file's mode can only be 'a'")
  return { kind: 'file', path: resolve(path), watch: false, rotation }
}

function syslogPlan(args: Arguments): OutputPlan {
  const facility = facilityOf(args)
  const address = args.get('address') ?? ['localhost', 514]
  if (typeof address === 'string') return { kind: 'syslog', path: address, facility }
  const [host, port] = Array.isArray(address) ? address : []
  if (typeof host !== 'string' || typeof port !== 'number') throw new TypeError('address is neither a path nor (host, port)')
  const kind = args.get('socktype')
  if (kind !== undefined && kind !== null && !(isPythonName(kind) && kind.pythonName === 'socket.SOCK_DGRAM'))
    throw new TypeError('socktype can only be socket.SOCK_DGRAM')
  return { kind: 'syslog_udp', host, port, facility }
}

/** A number, a name such as `'daemon'`, or `handlers.SysLogHandler.LOG_DAEMON`. */
function facilityOf(args: Arguments): number {
  const value = args.get('facility') ?? 'LOG_USER'
  if (typeof value === 'number') return value
  const name = isPythonName(value) ? value.pythonName.replace(/^.*\./, '') : String(value)
  return parseFacility(name, 'facility')
}

function numberOf(args: Arguments, name: string, otherwise: number): number {
  const value = args.get(name) ?? otherwise
  if (typeof value !== 'number') throw new TypeError(`${name} is not a number`)
  return value
}

const units = { S: 'seconds', M: 'minutes', H: 'hours', D: 'days' } as const

function schedule(args: Arguments): RotationSchedule {
  const when = String(args.get('when') ?? 'h').toUpperCase()
  if (when === 'MIDNIGHT') return { unit: 'midnight' }
  const day = /^W([0-6])$/.exec(when)?.[1]
  if (day !== undefined) return { unit: 'weekday', day: Number(day) }
  const unit = units[when as keyof typeof units]
  const every = numberOf(args, 'interval', 1)
  if (unit === undefined || every < 1) throw new TypeError(`when '${when}', interval ${every} is no schedule`)
  return { unit, every }
}
