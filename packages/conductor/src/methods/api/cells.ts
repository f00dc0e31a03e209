import { type ApiStores, CellMapping, CellMappingList, HostMapping, HostMappingList } from '@micronova/model'
import { type MethodTable, onClass, onObject } from '../../dispatch/method-table.js'

export function cellMethods({ cellMappings, hostMappings }: ApiStores): MethodTable {
  return {
    'CellMapping.get_by_uuid': onClass((ctx, args) => cellMappings.getByUuid(ctx, args.text('uuid'))),
    'CellMapping.create': onObject(CellMapping, (ctx, cell) => cellMappings.create(ctx, cell)),
    'CellMapping.save': onObject(CellMapping, (ctx, cell) => cellMappings.save(ctx, cell)),
    'CellMapping.destroy': onObject(CellMapping, (ctx, cell) => cellMappings.destroy(ctx, cell)),
    'CellMappingList.get_all': onClass(async (ctx) => CellMappingList.objStored({ objects: await cellMappings.list(ctx) })),
    'CellMappingList.get_by_disabled': onClass(async (ctx, args) =>
      CellMappingList.objStored({ objects: await cellMappings.list(ctx, { disabled: Boolean(args.raw('disabled')) }) }),
    ),
    'HostMapping.get_by_host': onClass((ctx, args) => hostMappings.getByHost(ctx, args.text('host'))),
    'HostMapping.create': onObject(HostMapping, (ctx, mapping) => hostMappings.create(ctx, mapping)),
    'HostMapping.save': onObject(HostMapping, (ctx, mapping) => hostMappings.save(ctx, mapping)),
    'HostMapping.destroy': onObject(HostMapping, (ctx, mapping) => hostMappings.destroy(ctx, mapping)),
    'HostMappingList.get_all': onClass(async (ctx) => HostMappingList.objStored({ objects: await hostMappings.list(ctx) })),
    'HostMappingList.get_by_cell_id': onClass(async (ctx, args) =>
      HostMappingList.objStored({ objects: await hostMappings.list(ctx, { cellId: args.integer('cell_id') }) }),
    ),
  }
}
