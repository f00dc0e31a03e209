import type * as NodeFs from 'node:fs'

export interface ReportPlace {
  /** Null: standard error. */
  readonly logDir: string | null
  /** `nova-compute`. */
  readonly service: string
  readonly pid: number
}

/**
 * Put a report where it belongs, before this returns: `<service>_gurumeditation_<UTC as %Y%m%d%H%M%S>` in the folder, for its owner alone,
 * or standard error. Where there is such a file already, from another worker in the same second say, `_<pid>` is added, then a number.
 * A folder that takes no file sends the report to standard error, after a sentence that says why.
 *
 * NOTE: it names nothing outside itself, as the guard runs its text in a thread of its own.
 *
 * @param fs node:fs
 * @param now milliseconds since 1970
 * @returns the path of the file; null: standard error
 * @see oslo.reports 2.4.0, `guru_meditation_report.py`, `handle_signal`
 */
export function writeReport(
  fs: Pick<typeof NodeFs, 'openSync' | 'writeSync' | 'closeSync'>,
  { logDir, service, pid }: ReportPlace,
  text: string,
  now: number,
): string | null {
  const stderr = 2
  const writeAll = (fd: number, content: string) => {
    const bytes = new TextEncoder().encode(content)
    let tries = 200 // a reader of a pipe that does not read holds us up for a second, no more
    for (let at = 0; at < bytes.length; ) {
      try {
        at += fs.writeSync(fd, bytes, at)
      } catch (err) {
        if ((err as NodeJS.ErrnoException).code !== 'EAGAIN' || --tries === 0) throw err
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
      }
    }
  }
  const complain = (why: string) => {
    try {
      writeAll(stderr, why)
    } catch {
      // nobody reads it: there is no other place
    }
    return null
  }
  if (logDir === null) return complain(text)
  const stamp = new Date(now).toISOString().replace(/\D/g, '').slice(0, 14)
  const base = `${logDir.replace(/\/+$/, '')}/${service.replace(/[^\w.-]/g, '_')}_gurumeditation_${stamp}`
  for (let number = 0; ; number++) {
    const path = number === 0 ? base : number === 1 ? `${base}_${pid}` : `${base}_${pid}_${number}`
    try {
      const fd = fs.openSync(path, 'wx', 0o600)
      try {
        writeAll(fd, text)
      } finally {
        fs.closeSync(fd)
      }
      return path
    } catch (err) {
      const { code, message } = err as NodeJS.ErrnoException
      if (code === 'EEXIST' && number < 100) continue
      return complain(`Unable to dump Guru Meditation Report to file ${path}: ${message}\n${text}`)
    }
  }
}
