import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'

/** Path of a program in the folders of `path`, separated by colons; null if it is in none. */
export function findProgram(name: string, path: string): string | null {
  const files = path.split(':').filter((folder) => folder !== '')
  return files.map((folder) => join(folder, name)).find(isProgram) ?? null
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
