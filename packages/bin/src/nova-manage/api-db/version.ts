import { schemaRevision } from '@micronova/db'
import type { Manage, ManageCommand } from '../command.js'

/** What Alembic recorded in `[api_database]`; `None` where there is no schema. */
export const apiDbVersion: ManageCommand = {
  name: 'version',
  summary: 'Print the revision of the schema of the API database.',
  async run({ databases, print }: Manage) {
    print((await schemaRevision((await databases.api()).database)) ?? 'None')
    return 0
  },
}
