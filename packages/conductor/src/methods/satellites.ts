import {
  BlockDeviceMapping,
  BlockDeviceMappingList,
  ConsoleAuthToken,
  InstanceFault,
  InstanceInfoCache,
  Migration,
  MigrationList,
  PciDeviceList,
  type Stores,
  VirtualInterface,
  VirtualInterfaceList,
  VolumeUsage,
} from '@micronova/model'
import { type MethodTable, onClass, onObject } from '../dispatch/method-table.js'
import { readOptions } from './instances.js'

export function infoCacheMethods({ infoCaches }: Pick<Stores, 'infoCaches'>): MethodTable {
  return {
    'InstanceInfoCache.get_by_instance_uuid': onClass((ctx, args) => infoCaches.getByInstanceUuid(ctx, args.text('instance_uuid'))),
    'InstanceInfoCache.save': onObject(InstanceInfoCache, (ctx, cache) => infoCaches.save(ctx, cache)),
    'InstanceInfoCache.refresh': onObject(InstanceInfoCache, (ctx, cache) => infoCaches.refresh(ctx, cache)),
  }
}

export function blockDeviceMappingMethods({ blockDeviceMappings }: Pick<Stores, 'blockDeviceMappings'>): MethodTable {
  return {
    'BlockDeviceMappingList.get_by_instance_uuid': onClass(async (ctx, args) =>
      BlockDeviceMappingList.objStored({ objects: await blockDeviceMappings.listByInstanceUuid(ctx, args.text('instance_uuid')) }),
    ),
    'BlockDeviceMappingList.get_by_instance_uuids': onClass(async (ctx, args) => {
      const byInstance = await blockDeviceMappings.mapByInstanceUuids(ctx, args.texts('instance_uuids'))
      return BlockDeviceMappingList.objStored({ objects: [...byInstance.values()].flat() })
    }),
    'BlockDeviceMapping.get_by_volume_and_instance': onClass((ctx, args) =>
      blockDeviceMappings.getByVolumeAndInstance(ctx, args.text('volume_id'), args.text('instance_uuid')),
    ),
    'BlockDeviceMapping.create': onObject(BlockDeviceMapping, (ctx, mapping) => blockDeviceMappings.create(ctx, mapping)),
    'BlockDeviceMapping.save': onObject(BlockDeviceMapping, (ctx, mapping) => blockDeviceMappings.save(ctx, mapping)),
    'BlockDeviceMapping.destroy': onObject(BlockDeviceMapping, (ctx, mapping) => blockDeviceMappings.destroy(ctx, mapping)),
  }
}

export function faultMethods({ faults }: Pick<Stores, 'faults'>): MethodTable {
  return { 'InstanceFault.create': onObject(InstanceFault, (ctx, fault) => faults.create(ctx, fault)) }
}

export function migrationMethods({ migrations }: Pick<Stores, 'migrations'>): MethodTable {
  const listOf = (objects: Migration[]) => MigrationList.objStored({ objects })
  return {
    'MigrationList.get_by_filters': onClass(async (ctx, args) => {
      args.refuse('sort_keys', 'sort_dirs', 'limit', 'marker')
      return listOf(await migrations.listByFilters(ctx, args.dict('filters')))
    }),
    'MigrationList.get_in_progress_and_error': onClass(async (ctx, args) =>
      listOf(await migrations.listInProgressAndError(ctx, args.text('host'), args.text('node'))),
    ),
    'MigrationList.get_unconfirmed_by_dest_compute': onClass(async (ctx, args) =>
      listOf(await migrations.listUnconfirmed(ctx, args.integer('confirm_window'), args.text('dest_compute'), readOptions(args))),
    ),
    'Migration.get_by_id_and_instance': onClass((ctx, args) =>
      migrations.getByIdAndInstance(ctx, args.integer('migration_id'), args.text('instance_uuid')),
    ),
    'Migration.create': onObject(Migration, (ctx, migration) => migrations.create(ctx, migration)),
    'Migration.save': onObject(Migration, (ctx, migration) => migrations.save(ctx, migration)),
  }
}

export function virtualInterfaceMethods({ virtualInterfaces }: Pick<Stores, 'virtualInterfaces'>): MethodTable {
  return {
    'VirtualInterfaceList.get_by_instance_uuid': onClass(async (ctx, args) =>
      VirtualInterfaceList.objStored({ objects: await virtualInterfaces.listByInstanceUuid(ctx, args.text('instance_uuid')) }),
    ),
    'VirtualInterface.create': onObject(VirtualInterface, (ctx, vif) => virtualInterfaces.create(ctx, vif)),
    'VirtualInterface.save': onObject(VirtualInterface, (ctx, vif) => virtualInterfaces.save(ctx, vif)),
    'VirtualInterface.destroy': onObject(VirtualInterface, (ctx, vif) => virtualInterfaces.destroy(ctx, vif)),
    'VirtualInterface.delete_by_instance_uuid': onClass((ctx, args) =>
      virtualInterfaces.deleteByInstanceUuid(ctx, args.text('instance_uuid')),
    ),
  }
}

export function pciDeviceMethods({ pciDevices }: Pick<Stores, 'pciDevices'>): MethodTable {
  return {
    'PciDeviceList.get_by_compute_node': onClass(async (ctx, args) =>
      PciDeviceList.objStored({ objects: await pciDevices.listByComputeNode(ctx, args.integer('node_id')) }),
    ),
  }
}

export function consoleAuthTokenMethods({ consoleAuthTokens }: Pick<Stores, 'consoleAuthTokens'>): MethodTable {
  return {
    'ConsoleAuthToken.authorize': onObject(ConsoleAuthToken, (ctx, token, args) =>
      consoleAuthTokens.authorize(ctx, token, args.integer('ttl')),
    ),
    'ConsoleAuthToken.clean_console_auths_for_instance': onClass((ctx, args) =>
      consoleAuthTokens.cleanForInstance(ctx, args.text('instance_uuid')),
    ),
    'ConsoleAuthToken.clean_expired_console_auths_for_host': onClass((ctx, args) =>
      consoleAuthTokens.cleanExpiredForHost(ctx, args.text('host')),
    ),
  }
}

export function volumeUsageMethods({ volumeUsages }: Pick<Stores, 'volumeUsages'>): MethodTable {
  return {
    'VolumeUsage.save': onObject(VolumeUsage, (ctx, usage, args) =>
      volumeUsages.save(ctx, usage, { ends: args.raw('update_totals') === true }),
    ),
  }
}
