import { buildAndRunInstance } from '../build/index.js'
import type { Operation } from '../operation.js'
import { getConsoleOutput } from './get-console-output.js'
import { getDiagnostics, getInstanceDiagnostics } from './get-diagnostics.js'
import { pauseInstance } from './pause-instance.js'
import { rebootInstance } from './reboot-instance.js'
import { restoreInstance } from './restore-instance.js'
import { resumeInstance } from './resume-instance.js'
import { setAdminPassword } from './set-admin-password.js'
import { softDeleteInstance } from './soft-delete-instance.js'
import { startInstance } from './start-instance.js'
import { stopInstance } from './stop-instance.js'
import { suspendInstance } from './suspend-instance.js'
import { terminateInstance } from './terminate-instance.js'
import { unimplementedOperations } from './unimplemented.js'
import { unpauseInstance } from './unpause-instance.js'

/** Everything that a peer may ask of nova-compute. */
export const operations: readonly Operation[] = [
  buildAndRunInstance,
  getConsoleOutput,
  getDiagnostics,
  getInstanceDiagnostics,
  pauseInstance,
  rebootInstance,
  restoreInstance,
  resumeInstance,
  setAdminPassword,
  softDeleteInstance,
  startInstance,
  stopInstance,
  suspendInstance,
  terminateInstance,
  unpauseInstance,
  ...unimplementedOperations,
]
