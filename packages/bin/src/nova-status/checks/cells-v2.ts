import type { CellMapping } from '@micronova/model'
import { failure, success, type UpgradeCheck, type UpgradeCheckResult, verdict } from '../upgrade-check.js'

/** The cell of instances that never got onto a host. */
export const cell0Uuid = '00000000-0000-0000-0000-000000000000'

/** The cells and their hosts are known above them. @see nova 26.2.2, `cmd/status.py`, `_check_cellsv2` */
export const cellsV2: UpgradeCheck = {
  name: 'Cells v2',
  async run(deployment) {
    const cells = await deployment.cellMappings()
    const unfit = judgeCells(cells)
    if (unfit !== null) return unfit
    if ((await deployment.hostMappings()) > 0) return success
    return judgeHosts(await deployment.computeNodes())
  },
}

const setUp = "run 'nova-manage cell_v2 simple_cell_setup', then this check again."

export function judgeCells(cells: readonly Pick<CellMapping, 'uuid'>[]): UpgradeCheckResult | null {
  if (cells.length < 2)
    return failure(`The API database has ${cells.length} of the two cells that are needed, cell0 and a first one: ${setUp}`)
  return cells.some(({ uuid }) => uuid === cell0Uuid) ? null : failure(`None of the cells in the API database is cell0: ${setUp}`)
}

/** No host is mapped. On a fresh installation there is none yet. */
export function judgeHosts(computeNodes: number): UpgradeCheckResult {
  if (computeNodes > 0) return failure(`There are ${computeNodes} compute nodes and no host is mapped to a cell: ${setUp}`)
  const details = "There are neither compute nodes nor hosts mapped to a cell: run 'nova-manage cell_v2 discover_hosts' for each new host."
  return { result: verdict.success, details }
}
