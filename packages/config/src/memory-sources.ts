import { basename, dirname } from 'node:path'
import type { ConfigSources } from './sources.js'

/** Files in memory by absolute path, for tests and for programs that bring their configuration along. */
export function memorySources(files: Readonly<Record<string, string>>, environment: ConfigSources['environment'] = {}): ConfigSources {
  const missing = () => Object.assign(new Error('no such file'), { code: 'ENOENT' })
  return {
    environment,
    homeDirectory: '/home/nova',
    workingDirectory: '/srv/nova',
    exists: (path) => Object.keys(files).some((file) => file === path || file.startsWith(`${path}/`)),
    readFile(path) {
      const text = files[path]
      if (text === undefined) throw missing()
      return text
    },
    listDir(path) {
      const names = Object.keys(files).filter((file) => dirname(file) === path)
      if (names.length === 0) throw missing()
      return names.map((file) => basename(file))
    },
  }
}
