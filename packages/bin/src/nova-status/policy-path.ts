import { dirname, join, resolve } from 'node:path'
import type { ConfigSources } from '@micronova/config'

/**
 * Where a file that the configuration names is: beside the folders and files of the configuration, the last first, then in the usual
 * folders. Null if it is in none of them.
 *
 * @param read files of the configuration, in the order in which they were read
 * @see oslo.config 9.0.0, `cfg.ConfigOpts.find_file`
 */
export function findBesideConfig(
  name: string,
  read: readonly string[],
  sources: Pick<ConfigSources, 'exists' | 'homeDirectory'>,
): string | null {
  const home = sources.homeDirectory
  const folders = [...read.map((file) => dirname(file)).reverse(), join(home, '.nova'), home, '/etc/nova', '/etc']
  return folders.map((folder) => resolve(folder, name)).find((path) => sources.exists(path)) ?? null
}
