import { ConfigError } from '@micronova/config'
import { errorText } from './error-text.js'
import { novaStatus } from './nova-status/command.js'
import { UsageError } from './usage-error.js'

/** Not to be confused with what the checks found. */
const unexpected = 255

/** Be the command `nova-status` and end the process: 0 success, 1 warning, 2 failure or wrong usage, 255 anything else. */
export async function runNovaStatus(argv: readonly string[]): Promise<void> {
  try {
    process.exitCode = await novaStatus(argv, { environment: process.env, stdout: process.stdout, stderr: process.stderr })
  } catch (err) {
    process.stderr.write(`nova-status: ${errorText(err)}\n`)
    process.exitCode = err instanceof UsageError || (err instanceof ConfigError && err.code === 'usage') ? 2 : unexpected
  }
  // An idle connection that is closing must not hold up the shell; what was printed must be out.
  process.stdout.write('', () => process.exit())
}
