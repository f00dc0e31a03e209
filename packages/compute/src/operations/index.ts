import { buildAndRunInstance } from '../build/index.js'
import type { Operation } from '../operation.js'
import { backupInstance } from './backup-instance.js'
import { getConsoleOutput } from './get-console-output.js'
import { getDiagnostics, getInstanceDiagnostics } from './get-diagnostics.js'
import {
  getMksConsole,
  getRdpConsole,
  getSerialConsole,
  getSpiceConsole,
  getVncConsole,
  validateConsolePort,
} from './get-remote-console.js'
import { pauseInstance } from './pause-instance.js'
import { rebootInstance } from './reboot-instance.js'
import { rescueInstance } from './rescue-instance.js'
import { restoreInstance } from './restore-instance.js'
import { resumeInstance } from './resume-instance.js'
import { setAdminPassword } from './set-admin-password.js'
import { snapshotInstance } from './snapshot-instance.js'
import { softDeleteInstance } from './soft-delete-instance.js'
import { startInstance } from './start-instance.js'
import { stopInstance } from './stop-instance.js'
import { suspendInstance } from './suspend-instance.js'
import { terminateInstance } from './terminate-instance.js'
import { unimplementedOperations } from './unimplemented.js'
import { unpauseInstance } from './unpause-instance.js'
import { unrescueInstance } from './unrescue-instance.js'

/** Everything that a peer may ask of nova-compute. */
export const operations: readonly Operation[] = [
  backupInstance,
  buildAndRunInstance,
  getConsoleOutput,
  getDiagnostics,
  getInstanceDiagnostics,
  getMksConsole,
  getRdpConsole,
  getSerialConsole,
  getSpiceConsole,
  getVncConsole,
  pauseInstance,
  rebootInstance,
  rescueInstance,
  restoreInstance,
  resumeInstance,
  setAdminPassword,
  snapshotInstance,
  softDeleteInstance,
  startInstance,
  stopInstance,
  suspendInstance,
  terminateInstance,
  unpauseInstance,
  unrescueInstance,
  validateConsolePort,
  ...unimplementedOperations,
]
