import { tmpdir } from 'node:os'
import type { Check } from '../check.js'
import { folder } from './folder.js'

/** @param configured the option `tempdir`; null: the system's */
export function temporaryFolder(configured: string | null): Check {
  return folder('tempdir', configured ?? tmpdir(), { isMade: false })
}
