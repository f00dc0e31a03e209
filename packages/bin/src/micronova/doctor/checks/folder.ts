import { accessSync, constants, mkdtempSync, rmdirSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Check, type Finding, failed, ok, warning } from '../check.js'

/** What is known of a folder in which a service writes. */
export interface FolderFacts {
  readonly path: string
  /** `missing`: it would be made in `parent`. */
  readonly state: 'there' | 'missing' | 'no_folder'
  /** The nearest one that is there. */
  readonly parent: string
  /** Why nothing can be written there, or the folder not be made; null: it can. */
  readonly refusal: string | null
  readonly freeBytes: number
  /** False only of a file system that counts them and has none left. */
  readonly hasFreeFiles: boolean
}

const mib = 1024 * 1024
/** Below it the log and the journal fill the rest within minutes of a failure that repeats itself. */
const scarceBytes = 1024 * mib
/** Below it a journal entry may not fit any more. */
const fullBytes = 16 * mib

/** @param isRequired false: the service makes it */
export function folder(name: string, path: string, { isMade }: { readonly isMade: boolean }): Check {
  return { name, run: async () => judgeFolder(lookAt(path), { isMade }) }
}

export function judgeFolder(
  { path, state, parent, refusal, freeBytes, hasFreeFiles }: FolderFacts,
  { isMade }: { readonly isMade: boolean },
): Finding {
  if (state === 'no_folder')
    return failed(`${parent} is no folder`, `put a folder in its place, or let the option name another one than ${path}`)
  if (state === 'missing' && !isMade) return failed(`${path} does not exist`, 'make it, for the user of the service to write in')
  if (refusal !== null)
    return failed(
      state === 'missing' ? `${path} does not exist and cannot be made: ${refusal}` : `${path} cannot be written to: ${refusal}`,
      'give it to the user that the service runs as, or run this as that user',
    )
  if (freeBytes < fullBytes || !hasFreeFiles)
    return failed(`${parent} is full: ${size(freeBytes)} free${hasFreeFiles ? '' : ', and no inode'}`, 'make room on its file system')
  if (freeBytes < scarceBytes)
    return warning(`${path} can be written to, and only ${size(freeBytes)} are free`, 'make room on its file system')
  return ok(`${path} ${state === 'missing' ? 'can be made' : 'can be written to'}, ${size(freeBytes)} free`)
}

function size(bytes: number): string {
  return bytes < 1024 * mib ? `${Math.floor(bytes / mib)} MiB` : `${(bytes / (1024 * mib)).toFixed(1)} GiB`
}

/** Makes a folder in it for a moment, as rights alone do not tell what a file system allows. */
function lookAt(path: string): FolderFacts {
  let parent = path
  for (;;) {
    const isFolder = folderAt(parent)
    if (isFolder !== null) {
      const state = !isFolder ? 'no_folder' : parent === path ? 'there' : 'missing'
      return { path, state, parent, refusal: isFolder ? refusalOf(parent, state === 'there') : null, ...spaceAt(parent) }
    }
    parent = dirname(parent)
  }
}

/** null: nothing is there, or nothing that may be seen. */
function folderAt(path: string): boolean | null {
  try {
    return statSync(path).isDirectory()
  } catch {
    return null
  }
}

function refusalOf(path: string, isTried: boolean): string | null {
  try {
    accessSync(path, constants.W_OK | constants.X_OK)
    if (isTried) rmdirSync(mkdtempSync(join(path, '.micronova-doctor-')))
    return null
  } catch (err) {
    const { code } = err as NodeJS.ErrnoException
    return code === 'EACCES' || code === 'EPERM' ? `${path} does not allow it` : String(code)
  }
}

function spaceAt(path: string): Pick<FolderFacts, 'freeBytes' | 'hasFreeFiles'> {
  const { bavail, bsize, files, ffree } = statfsSync(path)
  return { freeBytes: bavail * bsize, hasFreeFiles: files === 0 || ffree > 0 }
}
