import { syncApiSchema } from '@micronova/db'
import type { Command } from 'commander'
import type { Manage, ManageCommand } from '../command.js'

/** Brings the schema of `[api_database]` to Zed's. */
export const apiDbSync: ManageCommand = {
  name: 'sync',
  summary: 'Make the schema of the API database, or bring it forward.',
  declare(command: Command) {
    command.argument('[VERSION]', 'Alembic revision to bring an older schema to; a new one is always made in its latest form')
  },
  async run({ databases }: Manage, _options: object, version?: string) {
    await syncApiSchema((await databases.api()).database, version)
    return 0
  },
}
