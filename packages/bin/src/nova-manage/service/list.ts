import { type Aggregate, type CellMapping, isNovaError, type Service } from '@micronova/model'
import { isServiceUp } from '@micronova/service'
import type { Command } from 'commander'
import { isCell0 } from '../cell-identity.js'
import type { Manage, ManageCommand } from '../command.js'
import { prettyTable } from '../pretty-table.js'

interface ListFlags {
  readonly host?: string
  readonly binary?: string
  readonly cell_uuid?: string
}

const head = ['UUID', 'Binary', 'Host', 'Zone', 'Status', 'State', 'Updated At', 'Cell']

/** The services of all cells, with what nova-api would say of them. */
export const serviceList: ManageCommand = {
  name: 'list',
  summary: 'List the services of all cells, or of one.',
  declare(command: Command) {
    command
      .option('--host <host>', 'those of this host')
      .option('--binary <binary>', 'those of this program, such as nova-compute')
      .option('--cell_uuid <cell_uuid>', 'this cell alone')
  },
  async run(manage: Manage, { host, binary, cell_uuid }: ListFlags) {
    const { databases, ctx, write } = manage
    const { stores } = await databases.api()
    const aggregates = await stores.aggregates.listByMetadataKey(ctx, 'availability_zone')
    const rows: string[][] = []
    for (const cell of await serviceCells(manage, cell_uuid)) {
      const { stores: inCell } = await databases.cell(cell)
      const filter = { ...(host === undefined ? {} : { host }), ...(binary === undefined ? {} : { binary }) }
      for (const service of await inCell.services.list(ctx, filter)) rows.push(rowOf(manage, service, cell, aggregates))
    }
    write(prettyTable(head, rows))
    return 0
  },
}

/**
 * Cells that have services: all but cell0, or the one of `uuid`.
 *
 * @throws NovaError `CellMappingNotFound`
 */
export async function serviceCells({ databases, ctx }: Manage, uuid?: string): Promise<readonly CellMapping[]> {
  const { stores } = await databases.api()
  if (uuid !== undefined) return [await stores.cellMappings.getByUuid(ctx, uuid)]
  return (await stores.cellMappings.list(ctx)).filter((cell) => !isCell0(cell))
}

function rowOf(manage: Manage, service: Service, cell: CellMapping, aggregates: readonly Aggregate[]): string[] {
  const { settings, clock } = manage
  const { uuid, binary, host, disabled, forced_down: forcedDown, last_seen_up: lastSeenUp, created_at: createdAt } = service
  const up = isServiceUp({ forcedDown, lastSeenUp, createdAt: createdAt ?? new Date(0) }, settings.serviceDownTime, clock.now())
  const seen = lastSeenUp ?? createdAt
  return [
    uuid,
    binary ?? '',
    host ?? '',
    zoneOf(service, aggregates, settings.defaultZone),
    disabled ? 'disabled' : 'enabled',
    up ? 'up' : 'down',
    seen === null ? '-' : seen.toISOString().replace(/\..*$/, ''),
    cell.name || cell.uuid,
  ]
}

/** Of a compute that of its aggregate, else the default one; all others are `internal`. @see nova 26.2.2, `availability_zones.py` */
function zoneOf({ binary, host }: Service, aggregates: readonly Aggregate[], defaultZone: string): string {
  if (binary !== 'nova-compute') return 'internal'
  return aggregates.find(({ hosts }) => hosts?.includes(host ?? ''))?.metadata?.['availability_zone'] ?? defaultZone
}

/** Absent: null. */
export function ifFound<T>(kind: Parameters<typeof isNovaError>[1], found: Promise<T>): Promise<T | null> {
  return found.catch((err) => {
    if (isNovaError(err, kind)) return null
    throw err
  })
}
