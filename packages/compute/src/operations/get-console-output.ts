import { elevated, type Instance } from '@micronova/model'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'

/** What a guest has written to its console. Wire: `get_console_output`, call, compute 5.0 and 6.0. */
export const getConsoleOutput = defineOperation({
  method: 'get_console_output',
  parameters: ['instance', 'tail_length'],
  policy: { recordFault: true, expected: ['NotImplementedError', 'ConsoleNotAvailable', 'InstanceNotFound'] },
  decode: (args) => ({ instance: args.instance as Instance, lines: linesOf(args.tail_length) }),
  async run({ driver }, ctx, { instance, lines }) {
    const output = await (driver.console ?? notImplemented()).consoleOutput(elevated(ctx), instance)
    return asciiOf(tail(output.toString('latin1'), lines))
  },
})

/** Null for all of it. What is no number asks for nothing, as upstream. */
function linesOf(length: unknown): number | null {
  if (length === null) return null
  const lines = Number(length)
  return Number.isInteger(lines) ? lines : 0
}

/** The last `lines` lines; a negative number leaves out so many at the beginning: Python's slice `[-lines:]`. */
export function tail(text: string, lines: number | null): string {
  if (lines === null) return text
  return lines === 0 ? '' : text.split('\n').slice(-lines).join('\n')
}

/** Bytes that are not ASCII become U+FFFD. */
function asciiOf(latin1: string): string {
  return latin1.replace(/[\u0080-\u00ff]/g, '\ufffd')
}
