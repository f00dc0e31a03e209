import { linkSync, mkdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CloudError } from './errors.js'

/** The folder in which a cloud keeps everything, held by one process at a time. */
export interface StateFolder {
  readonly path: string
  /** A path below it. */
  file(...names: readonly string[]): string
  /** Let another process have it. Idempotent. */
  release(): void
}

interface Holder {
  readonly pid: number
  /** Start time of the process in clock ticks since boot: tells it from a later one with the same pid. */
  readonly startTicks: string
}

/**
 * Make the folder if need be, for its owner only, and take it for this process.
 *
 * The lock is a file that names its holder, linked into place so that it is there with its content or not at all. A lock whose
 * process is gone is taken over; of two that try this at once, the rename lets one win.
 *
 * @throws CloudError `state_folder_in_use` with the pid of the holder, `state_folder_unusable`
 */
export function takeStateFolder(path: string, pid = process.pid): StateFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    if ((statSync(path).mode & 0o077) !== 0)
      throw new CloudError('state_folder_unusable', `state directory ${path} is open to others: chmod 700 it`)
  } catch (err) {
    if (err instanceof CloudError) throw err
    throw new CloudError('state_folder_unusable', `state directory ${path} cannot be used: ${reason(err)}`)
  }
  const lock = join(path, 'lock')
  const mine = join(path, `lock.${pid}`)
  try {
    writeFileSync(mine, JSON.stringify({ pid, startTicks: startTicks(pid) ?? '' } satisfies Holder), { mode: 0o600 })
    take(path, lock, mine)
  } catch (err) {
    if (err instanceof CloudError) throw err
    throw new CloudError('state_folder_unusable', `state directory ${path} cannot be used: ${reason(err)}`)
  } finally {
    removeFile(mine)
  }
  let held = true
  return {
    path,
    file: (...names) => join(path, ...names),
    release() {
      if (held) removeFile(lock)
      held = false
    },
  }
}

function take(path: string, lock: string, mine: string): void {
  for (;;) {
    try {
      linkSync(mine, lock)
      return
    } catch (err) {
      if ((err as NodeJS.ErrnoException).code !== 'EEXIST') throw err
    }
    const holder = readHolder(lock)
    if (holder !== null && isAlive(holder))
      throw new CloudError('state_folder_in_use', `state directory ${path} is in use by process ${holder.pid}`, { pid: holder.pid })
    setAside(lock, `${mine}.stale`)
  }
}

/** Takes the stale lock away; puts it back if meanwhile it was another's. */
function setAside(lock: string, aside: string): void {
  try {
    renameSync(lock, aside)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return
    throw err
  }
  const holder = readHolder(aside)
  if (holder !== null && isAlive(holder)) linkSync(aside, lock)
  removeFile(aside)
}

function readHolder(lock: string): Holder | null {
  try {
    const { pid, startTicks } = JSON.parse(readFileSync(lock, 'utf8')) as Partial<Holder>
    return typeof pid === 'number' ? { pid, startTicks: startTicks ?? '' } : null
  } catch {
    return null
  }
}

function isAlive({ pid, startTicks: known }: Holder): boolean {
  const now = startTicks(pid)
  return now !== null && now === known
}

/** Null: no such process. @see proc(5), /proc/PID/stat field 22 */
function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return null
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT') throw err
  }
}

function reason(err: unknown): string {
  return (err as NodeJS.ErrnoException).code ?? (err as Error).message
}
