import { schemaRevision } from '@micronova/db'
import type { Manage, ManageCommand } from '../command.js'

/** What Alembic recorded in `[database]`; `None` where there is no schema. */
export const dbVersion: ManageCommand = {
  name: 'version',
  summary: 'Print the revision of the schema of the cell database.',
  async run({ databases, print }: Manage) {
    print((await schemaRevision((await databases.main()).database)) ?? 'None')
    return 0
  },
}
