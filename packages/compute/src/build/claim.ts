import { checkGroupPolicy, schedulerHints } from '../group-policy.js'
import type { BuildStep } from './state.js'

/** Reserve what the instance needs; with it the instance is on this host. */
export const claimResources: BuildStep = {
  name: 'claim',
  async run(state) {
    const { parts, ctx, request, node } = state
    state.claim = await parts.tracker.instanceClaim(ctx, request.instance, node, request.limits)
    // Only now, as other members look for those that are here.
    await checkGroupPolicy(parts, ctx, request.instance, schedulerHints(request.filterProperties, request.requestSpec))
  },
  async undo({ claim, ctx }) {
    await claim?.abort(ctx)
  },
}
