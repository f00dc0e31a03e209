import { resolve } from 'node:path'
import { LogError } from '../errors.js'
import { levelNumbers, NOTSET, parseFacility, parseLevel } from '../levels.js'
import type { LogSettings } from '../options.js'
import { journalSocketPath } from '../output/journal-sink.js'
import type { RotationSchedule } from '../output/rotation.js'
import { syslogSocketPath } from '../output/syslog-sink.js'
import type { FormatPlan, HandlerPlan, LoggingPlan, NodePlan, OutputPlan, RotationPlan } from './plan.js'

export interface PlanFacts {
  /** Names the file in log_dir: `nova-compute`. */
  readonly program: string
  /** `logger=LEVEL` pairs that come after default_log_levels. */
  readonly extraLevels: readonly string[]
}

/**
 * What the options ask for if there is no log_config_append: all outputs at the root, levels by name.
 * Standard output is used if there is no file, standard error or journal; syslog comes on top.
 *
 * @throws LogError bad_option
 * @see oslo.log 5.0.1, `log.py`, `_setup_logging_from_conf`
 */
export function planFromSettings(settings: LogSettings, facts: PlanFacts): LoggingPlan {
  const format: FormatPlan = { kind: settings.use_json ? 'json' : 'context', dateFormat: settings.log_date_format }
  const handlers = outputs(settings, facts.program).map((output): HandlerPlan => ({ output, format, levelNumber: NOTSET }))
  const nodes = new Map<string, NodePlan>(levelNodes([...settings.default_log_levels, ...facts.extraLevels]))
  return nodes.set('', { levelNumber: rootLevel(settings.debug), handlers, propagate: true })
}

/** The root's level: DEBUG with `--debug`, otherwise INFO. */
export function rootLevel(debug: boolean): number {
  return debug ? levelNumbers.DEBUG : levelNumbers.INFO
}

/** @throws LogError bad_option for a level that is none */
export function levelNodes(pairs: readonly string[]): [string, NodePlan][] {
  return pairs.map((pair) => {
    const [name = '', ...level] = pair.split('=')
    return [name.trim(), { levelNumber: parseLevel(level.join('='), `default_log_levels: ${pair}`), handlers: [], propagate: true }]
  })
}

/** The log file that the options name, as an absolute path; null for none. */
export function logFilePath(settings: Pick<LogSettings, 'log_file' | 'log_dir'>, program: string): string | null {
  const { log_file: file, log_dir: folder } = settings
  if (file) return resolve(folder ?? '', file)
  return folder ? resolve(folder, `${program}.log`) : null
}

function outputs(settings: LogSettings, program: string): OutputPlan[] {
  const found: OutputPlan[] = []
  const path = logFilePath(settings, program)
  if (path !== null) found.push({ kind: 'file', path, watch: settings.watch_log_file, rotation: rotationPlan(settings) })
  if (settings.use_stderr) found.push({ kind: 'stderr', color: true })
  if (settings.use_journal) found.push({ kind: 'journal', path: journalSocketPath })
  if (found.length === 0) found.push({ kind: 'stdout', color: true })
  if (settings.use_syslog) {
    const facility = parseFacility(settings.syslog_log_facility, 'syslog_log_facility')
    found.push({ kind: 'syslog', path: syslogSocketPath, facility })
  }
  return found
}

/** As upstream, a file that is watched for being moved is not rotated by the service as well. */
function rotationPlan(settings: LogSettings): RotationPlan | null {
  const type = settings.log_rotation_type.toLowerCase()
  if (settings.watch_log_file || type === 'none') return null
  const keep = settings.max_logfile_count
  if (type === 'size') return { kind: 'size', maxBytes: settings.max_logfile_size_mb * 1024 * 1024, keep }
  return { kind: 'interval', schedule: schedule(settings), keep }
}

function schedule(settings: LogSettings): RotationSchedule {
  const every = settings.log_rotate_interval
  const unit = settings.log_rotate_interval_type.toLowerCase() as RotationSchedule['unit']
  if (unit === 'midnight') return { unit }
  if (unit === 'weekday') {
    if (every >= 0 && every <= 6) return { unit, day: every }
    throw new LogError('bad_option', `log_rotate_interval: ${every} is not a weekday, 0 (Monday) to 6`)
  }
  if (every >= 1) return { unit, every }
  throw new LogError('bad_option', `log_rotate_interval: ${every} is less than 1`)
}
