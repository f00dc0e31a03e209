import type { DatabaseStores } from '@micronova/db'
import {
  BlockDeviceMappingList,
  ComputeNodeList,
  InstanceActionEventList,
  InstanceActionList,
  InstanceFaultList,
  type Migration,
  MigrationList,
  novaError,
  type Stores,
} from '@micronova/model'
import { type MethodTable, onClass } from '../dispatch/method-table.js'

/** Does `stores` stand beside the database, with look-ups that a compute never needs? */
export function hasLookups(stores: Stores): stores is DatabaseStores {
  return 'getById' in stores.services
}

/** Methods for Python peers that look things up in other ways than our own compute does. */
export function lookupMethods(stores: DatabaseStores): MethodTable {
  const { services, computeNodes, blockDeviceMappings, actions, faults, virtualInterfaces, consoleAuthTokens } = stores
  return {
    ...migrationLookups(stores),
    'Service.get_by_id': onClass((ctx, args) => services.getById(ctx, args.integer('service_id'))),
    'Service.get_by_uuid': onClass((ctx, args) => services.getByUuid(ctx, args.text('service_uuid'))),
    'ComputeNode.get_by_id': onClass((ctx, args) => computeNodes.getById(ctx, args.integer('compute_id'))),
    'ComputeNodeList.get_all': onClass(async (ctx) => ComputeNodeList.objStored({ objects: await computeNodes.listAll(ctx) })),
    'BlockDeviceMappingList.get_by_volume': onClass(async (ctx, args) =>
      BlockDeviceMappingList.objStored({ objects: await blockDeviceMappings.listByVolumeId(ctx, args.text('volume_id')) }),
    ),
    'InstanceActionList.get_by_instance_uuid': onClass(async (ctx, args) => {
      args.refuse('limit', 'marker', 'filters')
      return InstanceActionList.objStored({ objects: await actions.listByInstanceUuid(ctx, args.text('instance_uuid')) })
    }),
    'InstanceActionEventList.get_by_action': onClass(async (ctx, args) =>
      InstanceActionEventList.objStored({ objects: await actions.listEvents(ctx, args.integer('action_id')) }),
    ),
    'InstanceFaultList.get_by_instance_uuids': onClass(async (ctx, args) =>
      InstanceFaultList.objStored({ objects: await faults.listByInstanceUuids(ctx, args.texts('instance_uuids')) }),
    ),
    'VirtualInterface.get_by_uuid': onClass((ctx, args) => virtualInterfaces.getByUuid(ctx, args.text('vif_uuid'))),
    'ConsoleAuthToken.clean_expired_console_auths': onClass((ctx) => consoleAuthTokens.cleanExpired(ctx)),
  }
}

function migrationLookups({ migrations }: Pick<DatabaseStores, 'migrations'>): MethodTable {
  const listOf = (objects: Migration[]) => MigrationList.objStored({ objects })
  return {
    'Migration.get_by_id': onClass((ctx, args) => migrations.getById(ctx, args.integer('migration_id'))),
    'Migration.get_by_uuid': onClass((ctx, args) => migrations.getByUuid(ctx, args.text('migration_uuid'))),
    'Migration.get_by_instance_and_status': onClass(async (ctx, args) => {
      const [instance_id, status] = [args.text('instance_uuid'), args.text('status')]
      const [migration] = await migrations.listByFilters({ ...ctx, readDeleted: 'yes' }, { instance_uuid: instance_id, status })
      if (migration === undefined) throw novaError('MigrationNotFoundByStatus', { instance_id, status })
      return migration
    }),
    'MigrationList.get_in_progress_by_host_and_node': onClass(async (ctx, args) => {
      const found = await migrations.listInProgressAndError(ctx, args.text('host'), args.text('node'))
      return listOf(found.filter(({ status }) => status !== 'error'))
    }),
  }
}
