// One run at a time: a second one would stop the services of the first.
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until no other process uses the cloud, and says that this one does.
 * @param {string} file holds the id of the process that uses the cloud
 * @param {(line: string) => void} log
 * @returns {Promise<() => void>} gives it back
 */
export async function lockCloud(file, log, { pid = process.pid, everyMs = 2000 } = {}) {
  for (let told = false; !take(file, pid); told = true) {
    if (!told) log(`interop: process ${holder(file)} uses the cloud; waiting. MICRONOVA_INTEROP_PORT_BASE=30000 would make another cloud`)
    await sleep(everyMs)
  }
  return () => {
    if (holder(file) === pid) rmSync(file, { force: true })
  }
}

function take(file, pid) {
  // Linked into place, so that nobody ever reads a lock without its owner.
  const own = `${file}.${pid}`
  writeFileSync(own, String(pid))
  try {
    linkSync(own, file)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  } finally {
    rmSync(own, { force: true })
  }
  if (!isAlive(holder(file))) rmSync(file, { force: true }) // of a run that was killed
  return false
}

function holder(file) {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
