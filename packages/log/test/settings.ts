import { PassThrough } from 'node:stream'
import { FakeClock } from '@micronova/testing'
import { type LogSettings, logOptions } from '../src/options.js'
import type { ConsoleStream } from '../src/output/descriptor-sink.js'
import type { LoggingDeps } from '../src/setup-logging.js'

/** The options at their defaults, but for `changes`. */
export function settingsWith(changes: Partial<LogSettings> = {}): LogSettings {
  const defaults = Object.fromEntries(Object.entries(logOptions.options).map(([name, spec]) => [name, spec.default]))
  return { ...(defaults as unknown as LogSettings), ...changes }
}

/** A stream that keeps its text, in place of standard output or error. */
export class TextStream extends PassThrough implements ConsoleStream {
  readonly isTTY: boolean
  text = ''

  constructor({ isTTY = false } = {}) {
    super()
    this.isTTY = isTTY
    this.setEncoding('utf8')
    this.on('data', (chunk: string) => {
      this.text += chunk
    })
  }
  /** Without the newline of the last. */
  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }
}

interface FakeDeps extends LoggingDeps {
  readonly stdout: TextStream
  readonly stderr: TextStream
}

/** Everything that setupLogging needs, with captured streams. The clock stands at 2023-01-01 unless given. */
export function fakeDeps(changes: Partial<FakeDeps> = {}): FakeDeps {
  const [stdout, stderr] = [new TextStream(), new TextStream()]
  return { clock: new FakeClock(), program: 'nova-compute', version: '26.2.2', stdout, stderr, ...changes }
}
