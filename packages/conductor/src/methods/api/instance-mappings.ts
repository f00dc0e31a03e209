import { type ApiStores, InstanceMapping, InstanceMappingList } from '@micronova/model'
import { type MethodTable, onClass, onObject } from '../../dispatch/method-table.js'

export function instanceMappingMethods({ instanceMappings }: Pick<ApiStores, 'instanceMappings'>): MethodTable {
  const listOf = (objects: InstanceMapping[]) => InstanceMappingList.objStored({ objects })
  return {
    'InstanceMapping.get_by_instance_uuid': onClass((ctx, args) => instanceMappings.getByInstanceUuid(ctx, args.text('instance_uuid'))),
    'InstanceMapping.create': onObject(InstanceMapping, (ctx, mapping) => instanceMappings.create(ctx, mapping)),
    'InstanceMapping.save': onObject(InstanceMapping, (ctx, mapping) => instanceMappings.save(ctx, mapping)),
    'InstanceMapping.destroy': onObject(InstanceMapping, (ctx, mapping) => instanceMappings.destroy(ctx, mapping.instance_uuid)),
    'InstanceMappingList.get_by_cell_id': onClass(async (ctx, args) =>
      listOf(await instanceMappings.listByCellId(ctx, args.integer('cell_id'))),
    ),
    'InstanceMappingList.get_by_instance_uuids': onClass(async (ctx, args) =>
      listOf(await instanceMappings.listByInstanceUuids(ctx, args.texts('uuids'))),
    ),
    'InstanceMappingList.get_by_project_id': onClass(async (ctx, args) =>
      listOf(await instanceMappings.listByProject(ctx, args.text('project_id'))),
    ),
    'InstanceMappingList.get_counts': onClass((ctx, args) =>
      instanceMappings.counts(ctx, args.text('project_id'), args.textOrNull('user_id')),
    ),
  }
}
