import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'

/** Does this host see the mark that another one has left beside a guest's disks? Wire: `check_instance_shared_storage`, call, 5.0 and 6.0. */
export const checkInstanceSharedStorage = defineOperation({
  method: 'check_instance_shared_storage',
  parameters: ['data'],
  policy: {},
  decode: ({ data }) => ({ mark: data }),
  run: ({ driver }, ctx, { mark }) => (driver.sharedStorage ?? notImplemented()).seesMark(ctx, mark),
})
