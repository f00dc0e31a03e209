import { type BlockDeviceMapping, isNovaError, pythonJson } from '@micronova/model'
import type { Command } from 'commander'
import { CommandFailed } from '../../usage-error.js'
import type { Manage, ManageCommand } from '../command.js'
import { cellOfInstance } from '../mapped-instance.js'
import { prettyTable } from '../pretty-table.js'
import { pythonText } from '../python-text.js'

interface ShowFlags {
  readonly connection_info?: true
  readonly json?: true
}

/** Prints what the cell has of a volume of an instance. Its connection may hold passwords, which are shown as upstream shows them. */
export const volumeAttachmentShow: ManageCommand = {
  name: 'show',
  summary: 'Show the attachment of a volume to an instance, with the secrets of its connection.',
  statuses: '0 done, 1 it failed, 2 there is no such instance, 3 the volume is not attached to it.',
  declare(command: Command) {
    command
      .argument('<instance_uuid>', 'the instance')
      .argument('<volume_id>', 'the volume')
      .option('--connection_info', 'how the host reaches the volume, and nothing else')
      .option('--json', 'JSON, not a table')
  },
  async run(manage: Manage, { connection_info: connectionOnly, json }: ShowFlags, uuid: string, volumeId: string) {
    const { ctx, print, write } = manage
    const cell = await cellOfInstance(manage, uuid)
    if (cell === null) return 2
    const mapping = await cell.stores.blockDeviceMappings.getByVolumeAndInstance(ctx, volumeId, uuid).catch((err) => {
      if (isNovaError(err, 'VolumeBDMNotFound')) return null
      throw err
    })
    if (mapping === null) {
      print(`Volume ${volumeId} is not attached to instance ${uuid}.`)
      return 3
    }
    const connection = mapping.connection_info
    if (connectionOnly && connection === null) throw new CommandFailed(`volume ${volumeId} has no connection information`)
    if (connectionOnly && json) print(connection!)
    else if (connectionOnly) write(propertyTable(JSON.parse(connection!) as Record<string, unknown>))
    else if (json) print(pythonJson(jsonOf(mapping)))
    else write(propertyTable(fieldsOf(mapping)))
    return 0
  },
}

/** The instance itself is no property of its volume. */
function fieldsOf(mapping: BlockDeviceMapping): Record<string, unknown> {
  const { instance, ...fields } = mapping.objGetSet() as Record<string, unknown>
  return fields
}

/** Times as oslo.serialization writes them. */
function jsonOf(mapping: BlockDeviceMapping): Record<string, unknown> {
  const written = (value: unknown) => (value instanceof Date ? value.toISOString().replace('Z', '000') : value)
  return Object.fromEntries(Object.entries(fieldsOf(mapping)).map(([name, value]) => [name, written(value)]))
}

/** Two columns by name; a text with `\n` written in it takes a row for each line. @see nova 26.2.2, `cmd/manage.py`, `format_dict` */
function propertyTable(properties: Readonly<Record<string, unknown>>): string {
  const rows = Object.entries(properties)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => {
      const text = pythonText(value)
      const lines = text.includes('\\n') ? text.trim().split('\\n') : [text]
      return lines.map((line, at) => [at === 0 ? name : '', line])
    })
  return prettyTable(['Property', 'Value'], rows, 'left')
}
