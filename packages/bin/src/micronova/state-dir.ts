import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where a cloud keeps everything unless `--state-dir` says otherwise: $XDG_STATE_HOME/micronova, ~/.local/state/micronova. */
export function defaultStateDir(environment: Readonly<Record<string, string | undefined>>): string {
  return resolve(environment.XDG_STATE_HOME || join(homedir(), '.local', 'state'), 'micronova')
}
