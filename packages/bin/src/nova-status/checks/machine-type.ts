import { success, type UpgradeCheck, type UpgradeCheckResult, warning } from '../upgrade-check.js'
import { cell0Uuid } from './cells-v2.js'

/** Each instance keeps its machine type, so that a newer default does not change it. @see nova 26.2.2, `cmd/status.py`, `_check_machine_type_set` */
export const machineType: UpgradeCheck = {
  name: 'hw_machine_type unset',
  async run(deployment) {
    const cells = (await deployment.cellMappings()).filter(({ uuid }) => uuid !== cell0Uuid)
    const counts = await Promise.all(cells.map((cell) => deployment.instancesWithoutMachineType(cell)))
    return judgeCount(counts.reduce((sum, count) => sum + count, 0))
  },
}

export function judgeCount(count: number): UpgradeCheckResult {
  if (count === 0) return success
  return warning(
    `${count} instances have no hw_machine_type, which matters on libvirt alone: 'nova-manage machine_type list_unset' lists them, 'nova-manage machine_type update' sets it.`,
  )
}
