// A service that starts a helper, tells its pid, and has it run a command until somebody kills the service.
import { startContext } from './start-context.js'

const { privileged } = startContext({ after: () => {} })
process.stdout.write(`${await privileged.echo.pid({})}\n`)
await privileged.trouble.sleep({ path: process.argv[2]! })
