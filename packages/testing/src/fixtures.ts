import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'

/**
 * The text of a fixture, by its path below `fixtures/` without `.br`: `wire/03-boot.jsonl`, `reference/objects.json`.
 *
 * `wire/` holds recorded traffic and `reference/` tables of OpenStack Nova 26.2.2 (Zed) as packaged by Debian 12;
 * `fixtures/README.md` describes both.
 */
export function readFixtureText(path: string): string {
  return brotliDecompressSync(readFileSync(fileURLToPath(new URL(`../../fixtures/${path}.br`, import.meta.url)))).toString('utf8')
}

export function readFixtureJson<T = unknown>(path: string): T {
  return JSON.parse(readFixtureText(path)) as T
}

/** The non-empty lines of a `.jsonl` fixture, not parsed: integers in them may exceed 2^53. */
export function readFixtureLines(path: string): string[] {
  return readFixtureText(path)
    .split('\n')
    .filter((line) => line !== '')
}

/** The recordings of RPC traffic: `wire/<name>.jsonl`. */
export const recordings = [
  '01-compute-startup',
  '02-compute-restart',
  '03-boot',
  '04-stop-start-reboot',
  '05-pause-suspend-resume',
  '06-resize-confirm',
  '06b-resize-revert',
  '07-snapshot',
  '08-delete',
  '09-errors',
  '09b-boot-fails',
  '09c-boot-rescheduled',
  '10-notifications',
  '11-console-and-actions',
  '12-interface-attach',
  '15-cold-migrate',
  '16-live-migrate',
] as const

/** The recordings of REST traffic: `rest/<name>.jsonl`. */
export const restRecordings = [
  '01-compute-startup',
  '02-compute-restart',
  '03-boot-port',
  '03b-boot-port-again',
  '04-resize-confirm',
  '05-snapshot',
  '06-interface-attach-detach',
  '07-live-migrate',
  '07b-cold-migrate',
  '08-delete',
  '09-boot-two-ports-and-metadata',
  '09b-delete-two-ports',
  '10-placement-conflict',
  '10b-service-disable-conflict',
  '10c-service-enable',
  '11-errors-refused-by-api',
  '11b-no-valid-host',
  '11c-port-over-quota',
  '11d-port-gone',
  '12-compute-service-delete',
  '13-glance-client',
  '14-shelve',
  '14b-unshelve',
  '15-periodic',
  '16-evacuate',
] as const
