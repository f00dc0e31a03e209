import type { ApiStores, CellMapping, Stores } from '@micronova/model'
import type { MethodTable } from '../dispatch/method-table.js'
import { apiDatabaseMethods, withoutApiDatabase } from './api-database.js'
import { cellLookupMethods } from './cell-lookups.js'
import { computeNodeMethods } from './compute-nodes.js'
import { instanceActionMethods } from './instance-actions.js'
import { instanceAttributeMethods } from './instance-attributes.js'
import { instanceMethods } from './instances.js'
import { hasLookups, lookupMethods } from './lookups.js'
import {
  blockDeviceMappingMethods,
  consoleAuthTokenMethods,
  faultMethods,
  infoCacheMethods,
  migrationMethods,
  pciDeviceMethods,
  virtualInterfaceMethods,
  volumeUsageMethods,
} from './satellites.js'
import { serviceMethods } from './services.js'
import { usageAuditMethods } from './usage-audit.js'

/**
 * All remotable methods that this conductor runs.
 *
 * @param api null: there is no API database; then `cells` is what is known of the deployment
 */
export function objectMethods(stores: Stores, cells: readonly CellMapping[], api: ApiStores | null = null): MethodTable {
  return {
    ...serviceMethods(stores),
    ...computeNodeMethods(stores),
    ...instanceMethods(stores),
    ...instanceAttributeMethods(stores),
    ...instanceActionMethods(stores),
    ...infoCacheMethods(stores),
    ...blockDeviceMappingMethods(stores),
    ...faultMethods(stores),
    ...migrationMethods(stores),
    ...virtualInterfaceMethods(stores),
    ...pciDeviceMethods(stores),
    ...consoleAuthTokenMethods(stores),
    ...volumeUsageMethods(stores),
    ...usageAuditMethods(stores),
    ...(api === null ? withoutApiDatabase(cells) : apiDatabaseMethods(api)),
    ...(hasLookups(stores) ? { ...lookupMethods(stores), ...cellLookupMethods(stores) } : {}),
  }
}
