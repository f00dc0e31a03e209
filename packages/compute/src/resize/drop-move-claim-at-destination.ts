import type { Instance } from '@micronova/model'
import { defineOperation, onlyInstance } from '../operation.js'
import { theOnlyNode } from '../the-only-node.js'

/** A live migration to this host has failed: what was held for it is free. Wire: `drop_move_claim_at_destination`, call, 5.3 and 6.0. */
export const dropMoveClaimAtDestination = defineOperation({
  method: 'drop_move_claim_at_destination',
  parameters: ['instance'],
  policy: { lock: 'run', recordFault: true },
  decode: onlyInstance,
  async run(parts, ctx, { instance }: { readonly instance: Instance }) {
    await parts.tracker.moves.dropMoveClaim(ctx, instance, await theOnlyNode(parts), instance.flavor)
  },
})
