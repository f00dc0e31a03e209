import type { CellMapping } from '@micronova/model'
import type { StoredRow } from '../rows.js'
import type { cellMappings } from '../schema/api-tables.js'
import type { StoreDeps } from '../stores/deps.js'

/** What each store of the API database is made of. */
export interface ApiStoreDeps extends StoreDeps {
  /** With its URLs complete. */
  cellOf(row: StoredRow<typeof cellMappings>): CellMapping
}
