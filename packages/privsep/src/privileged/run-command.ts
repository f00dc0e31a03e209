import { spawn } from 'node:child_process'

/** A command that ended with an error, did not end in time, or could not be started. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly kind: string = 'command_failed'
  readonly command: string
  /** Null: it was ended by a signal, or never ran. */
  readonly exitStatus: number | null
  readonly stderr: string

  constructor(command: string, why: string, { exitStatus = null, stderr = '' }: { exitStatus?: number | null; stderr?: string } = {}) {
    super(`${command} ${why}${stderr === '' ? '' : `: ${stderr}`}`)
    this.command = command
    this.exitStatus = exitStatus
    this.stderr = stderr
  }
}

export interface RunCommandOptions {
  /** Kills the command. */
  readonly signal?: AbortSignal
  /** After it the command is killed. Default: 30 s; what this package's users run answers in milliseconds. */
  readonly timeoutMs?: number
  /** Written to its standard input. */
  readonly input?: string
}

/** No command here prints more; one that does is broken, and its output would have to be held in memory. */
const maxOutputBytes = 1 << 20

/**
 * Run a command with a list of arguments, never through a shell, and in the C locale.
 *
 * @returns what it printed on standard output
 * @throws CommandFailed
 */
export function runCommand(command: string, args: readonly string[], options: RunCommandOptions = {}): Promise<string> {
  const { signal, timeoutMs = 30_000, input } = options
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' },
      killSignal: 'SIGKILL',
      timeout: timeoutMs,
      ...(signal && { signal }),
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      if (stdout.length > maxOutputBytes) child.kill('SIGKILL')
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4096)
    })
    child.stdin?.on('error', () => {}) // a command that does not read its input says why itself
    child.stdin?.end(input)
    child.on('error', (err) => reject(new CommandFailed(command, signal?.aborted ? 'was cancelled' : `cannot be run: ${err.message}`)))
    child.on('close', (exitStatus, killedBy) => {
      if (exitStatus === 0) return resolve(stdout)
      const why =
        killedBy === 'SIGKILL'
          ? `was killed: it did not end in ${timeoutMs} ms, or printed too much`
          : `ended with ${exitStatus ?? killedBy}`
      reject(new CommandFailed(command, why, { exitStatus, stderr: stderr.trim() }))
    })
  })
}
