import { CommanderError } from 'commander'
import { errorText } from './error-text.js'
import { micronovaCommand } from './micronova/program.js'

/**
 * Be the command `micronova` and end the process: 0 fine, 1 failed, 2 wrong usage. SIGINT and SIGTERM end what runs until then;
 * a second one ends the process at once.
 */
export async function runMicronova(argv: readonly string[]): Promise<void> {
  const interrupted = new AbortController()
  const onSignal = () => {
    if (interrupted.signal.aborted) process.exit(1)
    interrupted.abort(new Interrupted())
  }
  const command = micronovaCommand({
    terminal: { stdout: process.stdout, stderr: process.stderr, environment: process.env },
    untilInterrupted: () => {
      process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
      return interrupted.signal
    },
    onReport: (write) => void process.on('SIGUSR2', write),
  })
  // A reader that has seen enough, such as `head`, is no failure.
  process.stdout.on('error', (err: NodeJS.ErrnoException) => process.exit(err.code === 'EPIPE' ? 0 : 1))
  try {
    await command.parseAsync(argv, { from: 'user' })
    process.exitCode = 0
  } catch (err) {
    process.exitCode = await report(err)
  }
  // What is still open (an idle connection that is closing) must not hold up the shell; what was printed must be out.
  process.stdout.write('', () => process.exit())
}

/** Ctrl-C before the cloud was up. */
class Interrupted extends Error {
  readonly code = 'interrupted'
}

async function report(err: unknown): Promise<number> {
  // commander has said what was wrong, or printed the help that was asked for.
  if (err instanceof CommanderError) return err.exitCode === 0 ? 0 : 2
  if (err instanceof Interrupted) return 1
  process.stderr.write(`micronova: ${errorText(err)}\n`)
  return err instanceof Error && 'exitStatus' in err ? Number(err.exitStatus) : 1
}
