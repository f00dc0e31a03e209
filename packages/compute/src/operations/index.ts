import { buildAndRunInstance } from '../build/index.js'
import { confirmCrossCellAtSource } from '../cross-cell/confirm-at-source.js'
import { finishCrossCellAtDestination } from '../cross-cell/finish-at-destination.js'
import { finishRevertCrossCellAtSource } from '../cross-cell/finish-revert-at-source.js'
import { prepCrossCellAtDestination } from '../cross-cell/prep-at-destination.js'
import { prepCrossCellAtSource } from '../cross-cell/prep-at-source.js'
import { revertCrossCellAtDestination } from '../cross-cell/revert-at-destination.js'
import { liveMigrationAbort } from '../live-migration/abort.js'
import { checkCanLiveMigrateDestination } from '../live-migration/check-destination.js'
import { checkCanLiveMigrateSource } from '../live-migration/check-source.js'
import { liveMigrationForceComplete } from '../live-migration/force-complete.js'
import { postLiveMigrationAtDestination } from '../live-migration/post-at-destination.js'
import { preLiveMigration } from '../live-migration/pre.js'
import { rollbackLiveMigrationAtDestination } from '../live-migration/rollback-at-destination.js'
import { liveMigration } from '../live-migration/run.js'
import type { Operation } from '../operation.js'
import { rebuildInstance } from '../rebuild/rebuild-instance.js'
import { confirmResize } from '../resize/confirm-resize.js'
import { dropMoveClaimAtDestination } from '../resize/drop-move-claim-at-destination.js'
import { finishResize } from '../resize/finish-resize.js'
import { finishRevertResize } from '../resize/finish-revert-resize.js'
import { prepResize } from '../resize/prep-resize.js'
import { resizeInstance } from '../resize/resize-instance.js'
import { revertResize } from '../resize/revert-resize.js'
import { attachInterface } from './attach-interface.js'
import { attachVolume } from './attach-volume.js'
import { backupInstance } from './backup-instance.js'
import { checkInstanceSharedStorage } from './check-instance-shared-storage.js'
import { detachInterface } from './detach-interface.js'
import { detachVolume } from './detach-volume.js'
import { externalInstanceEvent } from './external-instance-event.js'
import { addFixedIpToInstance, removeFixedIpFromInstance } from './fixed-ips.js'
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
import { cacheImages, getHostUptime, hostMaintenanceMode, hostPowerAction } from './host-operations.js'
import { injectNetworkInfo } from './inject-network-info.js'
import { pauseInstance } from './pause-instance.js'
import { quiesceInstance, unquiesceInstance } from './quiesce-instance.js'
import { rebootInstance } from './reboot-instance.js'
import { removeVolumeConnection } from './remove-volume-connection.js'
import { rescueInstance } from './rescue-instance.js'
import { reserveBlockDeviceName } from './reserve-block-device-name.js'
import { restoreInstance } from './restore-instance.js'
import { resumeInstance } from './resume-instance.js'
import { setAdminPassword } from './set-admin-password.js'
import { setHostEnabled } from './set-host-enabled.js'
import { shelveInstance } from './shelve-instance.js'
import { shelveOffloadInstance } from './shelve-offload-instance.js'
import { snapshotInstance } from './snapshot-instance.js'
import { softDeleteInstance } from './soft-delete-instance.js'
import { startInstance } from './start-instance.js'
import { stopInstance } from './stop-instance.js'
import { suspendInstance } from './suspend-instance.js'
import { swapVolume } from './swap-volume.js'
import { terminateInstance } from './terminate-instance.js'
import { triggerCrashDump } from './trigger-crash-dump.js'
import { unpauseInstance } from './unpause-instance.js'
import { unrescueInstance } from './unrescue-instance.js'
import { unshelveInstance } from './unshelve-instance.js'
import { volumeSnapshotCreate, volumeSnapshotDelete } from './volume-snapshots.js'

/** Everything that a peer may ask of nova-compute. */
export const operations: readonly Operation[] = [
  addFixedIpToInstance,
  attachInterface,
  attachVolume,
  backupInstance,
  buildAndRunInstance,
  cacheImages,
  checkCanLiveMigrateDestination,
  checkCanLiveMigrateSource,
  checkInstanceSharedStorage,
  confirmCrossCellAtSource,
  confirmResize,
  detachInterface,
  detachVolume,
  dropMoveClaimAtDestination,
  externalInstanceEvent,
  finishCrossCellAtDestination,
  finishResize,
  finishRevertCrossCellAtSource,
  finishRevertResize,
  getConsoleOutput,
  getDiagnostics,
  getHostUptime,
  getInstanceDiagnostics,
  getMksConsole,
  getRdpConsole,
  getSerialConsole,
  getSpiceConsole,
  getVncConsole,
  hostMaintenanceMode,
  hostPowerAction,
  injectNetworkInfo,
  liveMigration,
  liveMigrationAbort,
  liveMigrationForceComplete,
  pauseInstance,
  postLiveMigrationAtDestination,
  preLiveMigration,
  prepCrossCellAtDestination,
  prepCrossCellAtSource,
  prepResize,
  quiesceInstance,
  rebootInstance,
  rebuildInstance,
  removeFixedIpFromInstance,
  removeVolumeConnection,
  rescueInstance,
  reserveBlockDeviceName,
  resizeInstance,
  restoreInstance,
  resumeInstance,
  revertCrossCellAtDestination,
  revertResize,
  rollbackLiveMigrationAtDestination,
  setAdminPassword,
  setHostEnabled,
  shelveInstance,
  shelveOffloadInstance,
  snapshotInstance,
  softDeleteInstance,
  startInstance,
  stopInstance,
  suspendInstance,
  swapVolume,
  terminateInstance,
  triggerCrashDump,
  unpauseInstance,
  unquiesceInstance,
  unrescueInstance,
  unshelveInstance,
  validateConsolePort,
  volumeSnapshotCreate,
  volumeSnapshotDelete,
]
