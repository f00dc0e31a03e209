import type { HostWeigher } from './weigher.js'

/** An instance that may leave its cell stays there if it can. */
export const crossCellWeigher: HostWeigher = {
  name: 'CrossCellWeigher',
  module: 'cross_cell',
  multiplierName: 'cross_cell_move_weight_multiplier',
  multiplier: ({ settings }) => settings.cross_cell_move_weight_multiplier,
  prepare: (spec) => {
    const destination = spec.requested_destination
    const cell = destination?.objIsSet('cell') && destination.allow_cross_cell_move ? destination.cell : null
    return cell ? (host) => (host.cellUuid === cell.uuid ? 1 : -1) : () => 0
  },
}
