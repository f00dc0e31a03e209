import type { Socket } from 'node:net'
import { type REPLServer, start } from 'node:repl'
import { inspect } from 'node:util'
import type { Logger } from '@micronova/log'
import type { ConsoleLocals } from './console-locals.js'
import { guardedInput } from './guarded-input.js'

export interface ConsoleSessionOptions {
  /** `nova-compute` */
  readonly program: string
  readonly locals: ConsoleLocals
  /** Of everything that is shown. */
  mask(text: string): string
}

/** An unfinished block grows line by line, and is parsed anew with each: thousands of lines would take the event loop for seconds. */
const mostLines = 200
const longestCode = 16 * 1024
/** Output that a client does not read waits in memory. */
const mostUnreadBytes = 4 * 1024 * 1024

const words = /^\s*(quit|exit|help)\s*(?:\(\s*\))?\s*;?\s*$/

/**
 * A console for one client: what is typed runs in this process, errors are shown and end neither the process nor the console. Node's
 * REPL keeps those of timers and promises apart from the process's own.
 */
export function startSession(socket: Socket, { program, locals, mask }: ConsoleSessionOptions, log: Logger): void {
  const input = guardedInput((why) => {
    log.warning(`A console is closed: ${why}`)
    socket.destroy()
  })
  socket.on('error', () => {}) // its end follows
  socket.on('close', () => input.end())
  socket.pipe(input)
  socket.write(`${program}, process ${process.pid}. help lists what is here, quit leaves.\n`)
  const repl = start({
    prompt: `${program}> `,
    input,
    output: socket,
    terminal: false,
    useColors: false,
    useGlobal: false,
    ignoreUndefined: true,
    writer: (value) => mask(inspect(value, { depth: 4 })),
  })
  const define = () => Object.defineProperties(repl.context, locals.values)
  define()
  repl.on('reset', define)
  repl.on('exit', () => socket.end())
  guardCode(repl, socket, locals.help)
}

function guardCode(repl: REPLServer, socket: Socket, help: string): void {
  const evaluate = repl.eval
  const guarded: REPLServer['eval'] = function (this: REPLServer, code, context, file, done) {
    const [, word] = words.exec(code) ?? []
    if (socket.writableLength > mostUnreadBytes || isTooLong(code)) socket.destroy()
    if (socket.destroyed) done(null, undefined)
    else if (word === undefined) evaluate.call(this, code, context, file, done)
    else if (word === 'help') {
      socket.write(help)
      done(null, undefined)
    } else repl.close()
  }
  Object.assign(repl, { eval: guarded })
}

function isTooLong(code: string): boolean {
  return code.length > longestCode || code.split('\n').length > mostLines
}
