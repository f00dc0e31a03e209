import { join, resolve } from 'node:path'
import { ConfigFileUnreadable, type ConfigSyntaxError } from './errors.js'
import { type Assignment, parseIni } from './ini-file.js'
import type { ConfigSources } from './sources.js'

/** A file that was read. */
export interface ConfigFile {
  readonly path: string
  readonly assignments: readonly Assignment[]
}

/**
 * Files and folders used where the command line names none: `<project>` and `<program>` with `extension`, each in the
 * first folder that has it of ~/.<project>, ~, /etc/<project>, /etc and a snap's own two.
 *
 * @see oslo.config 9.0.0, `cfg.find_config_files`, `cfg.find_config_dirs`
 */
export function findDefaults(project: string, program: string, extension: '.conf' | '.conf.d', sources: ConfigSources): string[] {
  const { environment, homeDirectory } = sources
  const { SNAP_COMMON: common, SNAP: own } = environment
  const snaps = [common, own].filter((folder) => folder !== undefined && folder !== '')
  const folders = [
    join(homeDirectory, `.${project}`),
    homeDirectory,
    join('/etc', project),
    '/etc',
    ...snaps.map((folder) => join(folder!, 'etc', project)),
  ]
  return [project, program]
    .map((name) => folders.map((folder) => join(folder, name + extension)).find((path) => sources.exists(path)))
    .filter((path) => path !== undefined)
}

/** An absolute path, `~` standing for the home folder. */
export function absolutePath(path: string, { homeDirectory, workingDirectory }: ConfigSources): string {
  const expanded = path === '~' || path.startsWith('~/') ? homeDirectory + path.slice(1) : path
  return resolve(workingDirectory, expanded)
}

/**
 * The `*.conf` files of a folder, in the order of their names. Hidden ones are left out.
 *
 * @throws ConfigFileUnreadable if there is no such folder
 */
export function filesOfFolder(folder: string, sources: ConfigSources): string[] {
  const names = reading(folder, () => sources.listDir(folder))
  return names
    .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
    .sort()
    .map((name) => join(folder, name))
}

/**
 * @param onError gets each line that cannot be read; default: the first one is thrown
 * @throws ConfigFileUnreadable, ConfigSyntaxError
 */
export function readConfigFile(path: string, sources: ConfigSources, onError?: (error: ConfigSyntaxError) => void): ConfigFile {
  const content = reading(path, () => sources.readFile(path))
  const text = typeof content === 'string' ? content : reading(path, () => new TextDecoder('utf-8', { fatal: true }).decode(content))
  return { path, assignments: parseIni(text, path, onError) }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is not a folder',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not text in UTF-8',
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    throw new ConfigFileUnreadable(path, reasons[code] ?? (cause instanceof Error ? cause.message : String(cause)), { cause })
  }
}
