import type { CellMapping, Stores } from '@micronova/model'
import type { MethodTable } from '../dispatch/method-table.js'
import { apiDatabaseMethods } from './api-database.js'
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
} from './satellites.js'
import { serviceMethods } from './services.js'

/** All remotable methods that this conductor runs. */
export function objectMethods(stores: Stores, cells: readonly CellMapping[]): MethodTable {
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
    ...apiDatabaseMethods(cells),
    ...(hasLookups(stores) ? lookupMethods(stores) : {}),
  }
}
