import { openSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Longest path of a unix socket on Linux, without the closing zero. @see unix(7), sun_path */
const longest = 107

/**
 * A path by which the socket can be bound or reached however long `path` is: through the descriptor of its folder where it
 * must be. The descriptor stays open for the life of the process; there is one for each cloud that is asked.
 */
export function socketPath(path: string): string {
  if (Buffer.byteLength(path) <= longest) return path
  return `/proc/self/fd/${openSync(dirname(path), 'r')}/${basename(path)}`
}
