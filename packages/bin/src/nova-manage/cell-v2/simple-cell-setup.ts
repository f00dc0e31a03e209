import { isDatabaseError, syncSchema } from '@micronova/db'
import type { Command } from 'commander'
import { errorText } from '../../error-text.js'
import type { Manage, ManageCommand } from '../command.js'
import { transportUrlOf } from './cell-urls.js'
import { mapMainCell } from './map-cell-and-hosts.js'
import { addCell0 } from './map-cell0.js'
import { mapAll } from './map-instances.js'

/** cell0 with its schema, one cell of `[database]` with its hosts, and the instances in it mapped. */
export const simpleCellSetup: ManageCommand = {
  name: 'simple_cell_setup',
  summary: 'Set up cell0 and one cell of [database] with its hosts and instances.',
  statuses: '0 done, or done before; 1 the transport URL is wrong, or no host has reported yet.',
  declare(command: Command) {
    command.option('--transport-url <transport_url>', "URL of the cell's broker; default: transport_url")
  },
  async run(manage: Manage, flags: { readonly transportUrl?: string }) {
    const transportUrl = transportUrlOf(manage, flags.transportUrl)
    if (transportUrl === null) return 1
    const cell0 = await addCell0(manage)
    try {
      await syncSchema((await manage.databases.cell(cell0)).database)
    } catch (err) {
      if (!isDatabaseError(err)) throw err
      manage.print(`Unable to sync cell0 schema: ${errorText(err)}`)
    }
    const cell = await mapMainCell(manage, transportUrl)
    if (cell === null) return 1
    await mapAll(manage, cell)
    return 0
  },
}
