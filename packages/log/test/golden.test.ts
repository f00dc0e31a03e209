import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { CallSite } from '../src/format/call-site.js'
import { ContextFormatter } from '../src/format/context-formatter.js'
import { JsonFormatter } from '../src/format/json-formatter.js'
import { maskSecrets } from '../src/format/mask-secrets.js'
import type { LogContext, LogLevel } from '../src/logger.js'
import { type LogSettings, logOptions } from '../src/options.js'
import type { LogRecord } from '../src/record.js'

interface GoldenLine {
  readonly settings: Partial<LogSettings>
  readonly record: {
    readonly name: string
    readonly level: LogLevel
    readonly message: string
    readonly timeMs: number
    readonly context: LogContext | null
    readonly instanceUuid: string | null
  }
  readonly error: boolean
  readonly color: boolean
  readonly line: string
}

interface Golden {
  readonly source: string
  readonly timezone: string
  readonly pid: number
  readonly callSite: CallSite
  readonly traceback: readonly string[]
  readonly lines: readonly GoldenLine[]
  readonly masked: readonly (readonly [text: string, masked: string])[]
}

const golden = JSON.parse(readFileSync(new URL('../../test/fixtures/oslo-log-lines.json', import.meta.url), 'utf8')) as Golden
const defaults = Object.fromEntries(
  Object.entries(logOptions.options).map(([name, spec]) => [name, spec.default]),
) as unknown as LogSettings
const facts = { product: 'nova', version: '26.2.2', pid: golden.pid, hostname: 'host1', startedMs: 0 }

process.env.TZ = golden.timezone

function recordOf({ record, error }: GoldenLine): LogRecord {
  const warning = ['WARNING', 'ERROR', 'CRITICAL'].includes(record.level)
  return {
    ...record,
    callSite: golden.callSite,
    errorLines: error ? golden.traceback : null,
    errorSummary: error && warning ? (golden.traceback.at(-1) ?? '') : '',
  }
}

for (const [index, given] of golden.lines.entries()) {
  const what = `${JSON.stringify(given.settings)} ${given.record.level} ${given.error ? 'with error ' : ''}(${index})`
  if (given.settings.use_json) {
    test(`a JSON line is that of ${golden.source}: ${what}`, () => {
      const expected = JSON.parse(given.line) as Record<string, unknown>
      const formatter = new JsonFormatter(defaults.log_date_format, { ...facts, startedMs: given.record.timeMs })
      const line = JSON.parse(formatter.format(recordOf(given))) as Record<string, unknown>
      assert.deepEqual(line, expected)
      assert.deepEqual(Object.keys(line), Object.keys(expected))
    })
  } else {
    test(`a line is that of ${golden.source}: ${what}`, () => {
      const formatter = new ContextFormatter({ ...defaults, ...given.settings }, facts, { color: given.color })
      assert.equal(formatter.format(recordOf(given)), given.line)
    })
  }
}

test(`a secret is masked as ${golden.source} masks it, in ${golden.masked.length} spellings`, () => {
  for (const [text, masked] of golden.masked) assert.equal(maskSecrets(text), masked, text)
})
