import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'

/** Everything outside of the program that options are read from. A test hands in its own and needs no disk. */
export interface ConfigSources {
  /** `OS_<GROUP>__<OPTION>` gives values; HOME, SNAP and SNAP_COMMON say where files are looked for. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly homeDirectory: string
  /** Relative paths begin here. */
  readonly workingDirectory: string
  exists(path: string): boolean
  /** @throws Error with Node's `code`, such as ENOENT or EACCES */
  readFile(path: string): Uint8Array | string
  /** Names of the entries, in any order. @throws as readFile */
  listDir(path: string): readonly string[]
}

/** The machine's files, with the environment of a process. */
export function systemSources(environment: Readonly<Record<string, string | undefined>>): ConfigSources {
  return {
    environment,
    homeDirectory: environment.HOME ?? homedir(),
    workingDirectory: process.cwd(),
    exists: existsSync,
    readFile: (path) => readFileSync(path),
    listDir: (path) => readdirSync(path),
  }
}
