import { readFileSync } from 'node:fs'
import { type Check, type Finding, ok, skipped, warning } from '../check.js'

/** A connection is one; a conductor has a pool for each cell, and every worker its own. */
const enough = 1024

/** Of this process, so of this shell: a service has the limit of its init system. */
export function openFiles(path = '/proc/self/limits'): Check {
  return {
    name: 'open_files',
    async run() {
      try {
        return judgeOpenFiles(readFileSync(path, 'utf8'))
      } catch {
        return skipped(`${path} cannot be read`)
      }
    },
  }
}

/** @param limits as /proc/PID/limits has them */
export function judgeOpenFiles(limits: string): Finding {
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1]
  if (soft === undefined) return skipped('the system does not tell')
  if (soft === 'unlimited' || Number(soft) >= enough) return ok(`${soft} may be open`)
  return warning(`only ${soft} may be open`, `raise the limit to ${enough} or more: ulimit -n here, LimitNOFILE in a systemd unit`)
}
