import { type ApiStores, Flavor, FlavorList } from '@micronova/model'
import { type MethodTable, onClass, onObject } from '../../dispatch/method-table.js'

/** Flavors are read by services; only the API changes them, and it has the database. */
export function flavorMethods({ flavors }: Pick<ApiStores, 'flavors'>): MethodTable {
  return {
    'Flavor.get_by_id': onClass((ctx, args) => flavors.getById(ctx, args.integer('id'))),
    'Flavor.get_by_flavor_id': onClass((ctx, args) => {
      args.refuse('read_deleted')
      return flavors.getByFlavorId(ctx, args.text('flavor_id'))
    }),
    'Flavor.get_by_name': onClass((ctx, args) => flavors.getByName(ctx, args.text('name'))),
    'Flavor._load_projects': onObject(Flavor, (ctx, flavor) => flavors.loadProjects(ctx, flavor)),
    'Flavor.create': onObject(Flavor, (ctx, flavor) => flavors.create(ctx, flavor)),
    'Flavor.destroy': onObject(Flavor, (ctx, flavor) => flavors.destroy(ctx, flavor)),
    'FlavorList.get_all': onClass(async (ctx, args) => {
      args.refuse('filters', 'limit', 'marker')
      const found = await flavors.list(ctx)
      const shown = args.raw('inactive') ? found : found.filter(({ disabled }) => !disabled)
      return FlavorList.objStored({ objects: shown.sort((a, b) => (a.flavorid < b.flavorid ? -1 : 1)) })
    }),
  }
}
