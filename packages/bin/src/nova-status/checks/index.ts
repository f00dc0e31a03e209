import type { UpgradeCheck } from '../upgrade-check.js'
import { cellsV2 } from './cells-v2.js'
import { cinderApi } from './cinder-api.js'
import { machineType } from './machine-type.js'
import { oldComputes } from './old-computes.js'
import { placementApi } from './placement-api.js'
import { policyFile } from './policy-file.js'
import { serviceUserToken } from './service-user-token.js'

/** Names and order are those of Zed. */
export const upgradeChecks: readonly UpgradeCheck[] = [
  cellsV2,
  placementApi,
  cinderApi,
  policyFile,
  oldComputes,
  machineType,
  serviceUserToken,
]
