import { readFileSync } from 'node:fs'

export interface SignalHandlers {
  /** SIGTERM; `again` from the second one on. */
  terminate(again: boolean): void
  /** SIGINT. */
  interrupt(): void
  /** SIGHUP. */
  hangUp(): void
  /** SIGUSR2. */
  report(): void
}

/** Hand this process's signals to `handlers`, until it ends. */
export function handleSignals(handlers: SignalHandlers): void {
  let terminated = false
  process.on('SIGTERM', () => {
    const again = terminated
    terminated = true
    handlers.terminate(again)
  })
  process.on('SIGINT', () => handlers.interrupt())
  process.on('SIGHUP', () => handlers.hangUp())
  process.on('SIGUSR2', () => handlers.report())
}

/**
 * Whether SIGHUP means "read your configuration again": always, unless this process is in the foreground of a terminal.
 * Then it means that the terminal is gone.
 *
 * @see oslo.service 3.0.0, `service.py`, `_is_daemon`, which compares the same two process groups
 */
export function isDaemon(): boolean {
  if (!process.stdout.isTTY) return true
  try {
    return !inForeground(readFileSync('/proc/self/stat', 'utf8'))
  } catch {
    return false // no Linux: a terminal is taken for one that we are in the foreground of
  }
}

/**
 * Whether a process's group is the foreground group of its terminal.
 *
 * @param stat `/proc/PID/stat`: after the name in brackets, which may hold anything, state, ppid, pgrp, session, tty, tpgid
 */
export function inForeground(stat: string): boolean {
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return group === foreground
}
