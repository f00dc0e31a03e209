import { Aggregate, AggregateList, type ApiStores } from '@micronova/model'
import { type MethodTable, onClass, onObject } from '../../dispatch/method-table.js'

export function aggregateMethods({ aggregates }: Pick<ApiStores, 'aggregates'>): MethodTable {
  const listOf = (objects: Aggregate[]) => AggregateList.objStored({ objects })
  return {
    'Aggregate.get_by_id': onClass((ctx, args) => aggregates.getById(ctx, args.integer('aggregate_id'))),
    'Aggregate.get_by_uuid': onClass((ctx, args) => aggregates.getByUuid(ctx, args.text('aggregate_uuid'))),
    'Aggregate.create': onObject(Aggregate, (ctx, aggregate) => aggregates.create(ctx, aggregate)),
    'Aggregate.save': onObject(Aggregate, (ctx, aggregate) => aggregates.save(ctx, aggregate)),
    'Aggregate.update_metadata': onObject(Aggregate, (ctx, aggregate, args) =>
      aggregates.updateMetadata(ctx, aggregate, args.dict('updates') as Record<string, string | null>),
    ),
    'Aggregate.destroy': onObject(Aggregate, (ctx, aggregate) => aggregates.destroy(ctx, aggregate)),
    'Aggregate.add_host': onObject(Aggregate, (ctx, aggregate, args) => aggregates.addHost(ctx, aggregate, args.text('host'))),
    'Aggregate.delete_host': onObject(Aggregate, (ctx, aggregate, args) => aggregates.deleteHost(ctx, aggregate, args.text('host'))),
    'AggregateList.get_all': onClass(async (ctx) => listOf(await aggregates.list(ctx))),
    'AggregateList.get_by_host': onClass(async (ctx, args) =>
      listOf(await aggregates.listByHost(ctx, args.text('host'), args.textOrNull('key'))),
    ),
    'AggregateList.get_by_metadata_key': onClass(async (ctx, args) =>
      listOf(await aggregates.listByMetadataKey(ctx, args.text('key'), args.textsOrNull('hosts'))),
    ),
    'AggregateList.get_by_metadata': onClass(async (ctx, args) =>
      listOf(await aggregates.listByMetadata(ctx, args.textOrNull('key'), args.textOrNull('value'))),
    ),
  }
}
