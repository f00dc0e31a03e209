import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BadTemporaryFolder } from './errors.js'

/**
 * Make a folder where temporary files go and take it away again: better now than in the middle of a request.
 *
 * @param folder the option `tempdir`; null: the system's
 * @throws BadTemporaryFolder
 */
export function checkTemporaryFolder(folder: string | null): void {
  const parent = folder ?? tmpdir()
  try {
    rmdirSync(mkdtempSync(join(parent, 'nova-')))
  } catch (err) {
    throw new BadTemporaryFolder(parent, err)
  }
}
