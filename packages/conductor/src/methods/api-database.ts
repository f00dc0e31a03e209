import { type ApiStores, type CellMapping, CellMappingList, novaError } from '@micronova/model'
import type { MethodArguments } from '../dispatch/arguments.js'
import { type MethodTable, type ObjectMethod, onClass } from '../dispatch/method-table.js'
import { aggregateMethods } from './api/aggregates.js'
import { buildRequestMethods } from './api/build-requests.js'
import { cellMethods } from './api/cells.js'
import { flavorMethods } from './api/flavors.js'
import { instanceGroupMethods } from './api/instance-groups.js'
import { instanceMappingMethods } from './api/instance-mappings.js'
import { keyPairMethods } from './api/key-pairs.js'
import { quotaMethods } from './api/quotas.js'

/** What is above the cells, for a conductor that has the API database. */
export function apiDatabaseMethods(api: ApiStores): MethodTable {
  return {
    ...cellMethods(api),
    ...instanceMappingMethods(api),
    ...buildRequestMethods(api),
    ...flavorMethods(api),
    ...aggregateMethods(api),
    ...instanceGroupMethods(api),
    ...keyPairMethods(api),
    ...quotaMethods(api),
  }
}

/** Without the API database: of the cells those are known that were handed in, of server groups none. */
export function withoutApiDatabase(cells: readonly CellMapping[]): MethodTable {
  return {
    /** A nova-compute that is configured with the API database looks in all cells for the oldest compute at its start. */
    'CellMappingList.get_all': onClass(async () => CellMappingList.objStored({ objects: cells.map((cell) => cell.objClone()) })),
    'InstanceGroup.get_by_instance_uuid': noGroup(() => ''),
    /** A nova-compute that builds a server of a group checks the group's policy again, unless there is no such group. */
    'InstanceGroup.get_by_uuid': noGroup((args) => args.text('uuid')),
    'InstanceGroup.get_by_name': noGroup((args) => args.text('name')),
  }
}

function noGroup(named: (args: MethodArguments) => string): ObjectMethod {
  return onClass(async (_ctx, args) => {
    throw novaError('InstanceGroupNotFound', { group_uuid: named(args) })
  })
}
