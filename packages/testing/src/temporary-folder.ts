import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a fixture needs of node:test's context. */
export interface Cleanup {
  after(fn: () => void | Promise<void>): void
}

/** An empty folder that is removed after the test. */
export function temporaryFolder(t: Cleanup): string {
  const folder = mkdtempSync(join(tmpdir(), 'micronova-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
