import { type ApiStores, KeyPair, KeyPairList, novaError } from '@micronova/model'
import { type MethodTable, onClass, onObject } from '../../dispatch/method-table.js'

export function keyPairMethods({ keyPairs }: Pick<ApiStores, 'keyPairs'>): MethodTable {
  return {
    'KeyPair.get_by_name': onClass((ctx, args) => {
      const [user_id, name] = [args.text('user_id'), args.text('name')]
      // Cells have had none since Newton.
      if (args.raw('localonly')) throw novaError('KeypairNotFound', { user_id, name })
      return keyPairs.getByName(ctx, user_id, name)
    }),
    'KeyPair.create': onObject(KeyPair, (ctx, keyPair) => keyPairs.create(ctx, keyPair)),
    'KeyPair.destroy': onObject(KeyPair, (ctx, keyPair) => keyPairs.destroy(ctx, keyPair.user_id ?? '', keyPair.name)),
    'KeyPair.destroy_by_name': onClass((ctx, args) => keyPairs.destroy(ctx, args.text('user_id'), args.text('name'))),
    'KeyPairList.get_by_user': onClass(async (ctx, args) => {
      const limit = args.raw('limit') === null ? null : args.integer('limit')
      const objects = await keyPairs.listByUser(ctx, args.text('user_id'), { limit, marker: args.textOrNull('marker') })
      return KeyPairList.objStored({ objects })
    }),
    'KeyPairList.get_count_by_user': onClass((ctx, args) => keyPairs.countByUser(ctx, args.text('user_id'))),
  }
}
