/** Where bytes go: a file, a stream, a child process. Its user has one write or reopen in hand at a time. */
export interface Sink {
  /** For messages about it: `/var/log/nova/nova-compute.log`, `standard error`, `syslog`. */
  readonly name: string
  /**
   * Writes some bytes of `chunk`, which ends with a newline, and says how many: at least one.
   * Rejects if it wrote none.
   */
  write(chunk: Uint8Array): Promise<number>
  /** Called after a failed write and when a log file has been moved. True if what follows goes to a new place. */
  reopen(): Promise<boolean>
  /**
   * Writes all of `chunk` before it returns: for the last words of a process. Absent where that is impossible.
   *
   * @throws what the system says
   */
  writeSync?(chunk: Uint8Array): void
  /** Gives back what it holds. Not called while a write is in hand. */
  close(): Promise<void>
}
