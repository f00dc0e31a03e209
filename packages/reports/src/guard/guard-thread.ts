import type * as NodeFs from 'node:fs'
import type * as Inspector from 'node:inspector'
import type { MessagePort } from 'node:worker_threads'
import type { ReportPlace, writeReport } from '../write-report.js'

/** What stands in the report that the guard writes itself for what it has seen of the main thread. */
export const mainThreadMark = '@@MAIN-THREAD@@'

/** What the thread is started with. */
export interface GuardOrders {
  readonly pid: number
  /** Number of the signal; null: reports are not asked for by a signal. */
  readonly signal: number | null
  /** A trigger file, with milliseconds between two looks; null: there is none. */
  readonly file: { readonly path: string; readonly intervalMs: number } | null
  /** For how long the event loop may not turn before it counts as stuck. */
  readonly patienceMs: number
  /** For how long the main thread may not reach a point at which its JavaScript can be interrupted. */
  readonly interruptMs: number
  /** Evaluated in the interrupted main thread: writes a report and gives true. */
  readonly expression: string
  /** A report with the mark in it, for a main thread that cannot be interrupted; `escapes` is what its form needs. */
  readonly fallback: { readonly report: string; readonly escapes: readonly (readonly [string, string])[]; readonly place: ReportPlace }
  /** [0]: the last question of this thread that the main thread has answered. */
  readonly answers: Int32Array
}

/** What the thread says: a question, that it watches, or why it cannot see signals. */
export type GuardMessage = { readonly ask: number } | { readonly watching: true } | { readonly blind: string }

interface Frame {
  readonly functionName: string
}

/**
 * The guard's thread. A signal reaches it as well as the main thread, since libuv hands one to each loop that listens. It asks the main
 * thread for a sign of life; without one in time it interrupts what that does, which V8 allows between any two steps of JavaScript,
 * and has it write the report there and then. A main thread in native code does not get to such a step: then the guard writes what it knows.
 *
 * NOTE: the text of this function runs alone in its thread, as programs are bundles of one file: it names nothing outside itself but the
 * globals of JavaScript and Node, and its parameters.
 */
export function guardThread(
  modules: { readonly fs: typeof NodeFs; readonly inspector: () => typeof Inspector },
  port: MessagePort,
  orders: GuardOrders,
  write: typeof writeReport,
): void {
  const { pid, signal, file, patienceMs, interruptMs, expression, fallback, answers } = orders
  const { fs } = modules
  let asked = 0
  let isBusy = false
  let resumedAt = 0

  const read = (name: string) => {
    try {
      return fs.readFileSync(`/proc/${pid}/task/${pid}/${name}`, 'utf8').trim()
    } catch {
      return ''
    }
  }
  const statFields = () => {
    const stat = read('stat')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  }
  const observe = (cpuTicks: number, overMs: number): string => {
    const fields = statFields()
    const used = (Number(fields[11]) + Number(fields[12]) - cpuTicks) * 10
    const children = read('children').split(' ').filter(Boolean)
    const commands = children.map((child) => {
      try {
        return `${child} ${fs.readFileSync(`/proc/${child}/cmdline`, 'utf8').replace(/\0/g, ' ').trim()}`
      } catch {
        return child
      }
    })
    return [
      `The event loop has not turned for ${overMs} ms at least, and no JavaScript runs that could be interrupted: the main thread is in native code.`,
      `state: ${fields[0]}, CPU used meanwhile: ${used} ms, waits in the kernel at: ${read('wchan') || '-'}, system call: ${read('syscall').split(' ')[0] || '-'}`,
      ...commands.map((command) => `child process: ${command}`),
      'Work in hand is known to that thread alone.',
    ].join('\n')
  }
  const writeFallback = (cpuTicks: number, overMs: number) => {
    const seen = fallback.escapes.reduce((text, [from, to]) => text.split(from).join(to), observe(cpuTicks, overMs))
    write(
      fs,
      fallback.place,
      fallback.report.replace('@@MAIN-THREAD@@', () => seen),
      Date.now(),
    )
  }

  const interrupt = (askedAt: number, cpuTicks: number) => {
    isBusy = true
    let isOver = false
    const session = new (modules.inspector().Session)()
    const over = () => {
      if (isOver) return
      isOver = true
      isBusy = false
      resumedAt = Date.now()
      clearTimeout(timer)
      session.disconnect()
    }
    const giveUp = () => {
      over()
      if (Atomics.load(answers, 0) < asked) writeFallback(cpuTicks, Date.now() - askedAt)
    }
    let timer = setTimeout(giveUp, interruptMs)
    session.connectToMainThread()
    session.once('Debugger.paused', ({ params }: { params: { callFrames: readonly Frame[] } }) => {
      if (isOver) return
      clearTimeout(timer)
      timer = setTimeout(giveUp, interruptMs) // a main thread that was held must go on, whatever becomes of the report
      const done = (failed: boolean) => {
        if (isOver) return
        session.post('Debugger.resume', () => over())
        if (failed) writeFallback(cpuTicks, Date.now() - askedAt)
      }
      if (params.callFrames.length === 0) return done(false)
      session.post('Runtime.evaluate', { expression, returnByValue: true }, (err, answer) => {
        done(err !== null || answer?.result.value !== true)
      })
    })
    session.post('Debugger.enable')
    session.post('Debugger.pause')
  }

  const wanted = () => {
    // A main thread that was stuck and has been reported may see the same request a moment later.
    if (isBusy || Date.now() - resumedAt < 200) return
    const ask = ++asked
    const askedAt = Date.now()
    const fields = statFields()
    const cpuTicks = Number(fields[11]) + Number(fields[12])
    port.postMessage({ ask })
    setTimeout(() => {
      if (Atomics.load(answers, 0) < ask && !isBusy) interrupt(askedAt, cpuTicks)
    }, patienceMs)
  }

  if (file !== null) {
    const modifiedAt = () => {
      try {
        return fs.statSync(file.path).mtimeMs
      } catch {
        return null
      }
    }
    let seenMs = modifiedAt()
    setInterval(() => {
      const modified = modifiedAt()
      if (modified === null || (seenMs !== null && modified <= seenMs)) return
      seenMs = modified
      wanted()
    }, file.intervalMs)
  }
  if (signal !== null) {
    try {
      // Node has no public way to see a signal in another thread than the first. The binding is the one that process.on() uses.
      process.noDeprecation = true
      const { Signal } = (process as unknown as { binding(name: string): { Signal: new () => SignalHandle } }).binding('signal_wrap')
      interface SignalHandle {
        onsignal: () => void
        start(signal: number): number
      }
      const handle = new Signal()
      handle.onsignal = wanted
      const status = handle.start(signal)
      if (status !== 0) throw new Error(`libuv answered ${status}`)
    } catch (err) {
      port.postMessage({ blind: err instanceof Error ? err.message : String(err) })
      if (file === null) return
    }
  }
  port.on('message', () => {}) // keeps this thread alive
  port.postMessage({ watching: true })
}
