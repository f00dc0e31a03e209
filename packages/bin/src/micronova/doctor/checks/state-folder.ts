import { statSync } from 'node:fs'
import { type Check, failed } from '../check.js'
import { folder } from './folder.js'

/** The folder of an all-in-one: its owner's alone, and writable. */
export function stateFolder(path: string): Check {
  const writable = folder('state_folder', path, { isMade: true })
  return {
    name: 'state_folder',
    async run(signal) {
      const mode = modeOf(path)
      if (mode !== null && (mode & 0o077) !== 0) return failed(`${path} is open to others`, `chmod 700 ${path}`)
      return writable.run(signal)
    },
  }
}

function modeOf(path: string): number | null {
  try {
    return statSync(path).mode
  } catch {
    return null
  }
}
