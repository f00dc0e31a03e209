import type { ApiStores } from '@micronova/model'
import { type MethodTable, onClass } from '../../dispatch/method-table.js'

/** Counting is the business of who has all the cells: the API. */
export function quotaMethods({ quotas }: Pick<ApiStores, 'quotas'>): MethodTable {
  return {
    'Quotas.create_limit': onClass((ctx, args) =>
      quotas.createLimit(ctx, args.text('project_id'), args.text('resource'), args.integer('limit'), args.textOrNull('user_id')),
    ),
    'Quotas.update_limit': onClass((ctx, args) =>
      quotas.updateLimit(ctx, args.text('project_id'), args.text('resource'), args.integer('limit'), args.textOrNull('user_id')),
    ),
  }
}
