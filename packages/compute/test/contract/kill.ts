import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { journalPath } from '../../src/compute-service.js'
import { host } from '../support/compute-fixture.js'

const program = fileURLToPath(new URL('./killed-compute.js', import.meta.url))

/** Runs a compute until it hangs at `point`, and kills it with SIGKILL. */
export async function killAt(folder: string, point: string): Promise<void> {
  const child = spawn(process.execPath, [program, folder, point], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  try {
    const [output] = await Promise.race([once(child.stdout, 'data'), exited])
    assert.equal(String(output), 'hung\n')
  } finally {
    child.kill('SIGKILL')
    await exited
  }
}

/** Ids in the journal that have no end. */
export function unfinishedIn(folder: string): number[] {
  const records = readFileSync(journalPath(folder, host), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line.slice(17)) as { kind: string; id: number })
  const finished = new Set(records.filter(({ kind }) => kind === 'finished').map(({ id }) => id))
  return records.filter(({ kind, id }) => kind === 'accepted' && !finished.has(id)).map(({ id }) => id)
}
