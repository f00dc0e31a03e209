import { readFileSync } from 'node:fs'
import type { ProcessModel, Section } from '../model.js'

/** Clock ticks a second in /proc/PID/stat; 100 on every Linux that Node runs on. */
const ticks = 100
/** A child of a child, no further: guests of a hypervisor are nobody's business here. */
const deepest = 3

/** This process and those that it has started, from /proc; without that, this process alone. */
export function processesSection(pid: number): Section {
  return { name: 'processes', title: 'Processes', form: 'processes', model: processOf(pid, usersByUid(), 0) ?? unknown(pid) }
}

/** Null: it has ended meanwhile. */
function processOf(pid: number, users: ReadonlyMap<number, string>, depth: number): ProcessModel | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // After the name in brackets, which may hold anything: field 3 of proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1])
    return {
      pid,
      parent_pid: Number(fields[1]),
      username: users.get(uid) ?? String(uid),
      uid,
      state: states[fields[0] ?? ''] ?? fields[0] ?? '',
      command: commandOf(pid),
      since: startedAt(Number(fields[19])),
      children:
        depth === deepest
          ? []
          : childrenOf(pid)
              .map((child) => processOf(child, users, depth + 1))
              .filter((child) => child !== null),
    }
  } catch {
    return null
  }
}

/** As psutil names them. */
const states: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'disk-sleep',
  T: 'stopped',
  t: 'tracing-stop',
  Z: 'zombie',
  X: 'dead',
  I: 'idle',
}

/** Children of a process are listed by the thread that started them, and Node starts its own from its first. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').replaceAll('\0', ' ')
}

function startedAt(sinceBootTicks: number): string | null {
  const boot = /^btime (\d+)/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]
  return boot === undefined ? null : new Date(Number(boot) * 1000 + (sinceBootTicks * 1000) / ticks).toISOString()
}

function usersByUid(): ReadonlyMap<number, string> {
  try {
    const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
    return new Map(lines.map((line) => line.split(':')).map(([name = '', , uid]) => [Number(uid), name]))
  } catch {
    return new Map()
  }
}

function unknown(pid: number): ProcessModel {
  return {
    pid,
    parent_pid: process.ppid,
    username: '',
    uid: process.getuid?.() ?? 0,
    state: 'running',
    command: '',
    since: null,
    children: [],
  }
}
