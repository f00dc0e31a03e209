import type { ComputeNode, RequestContext } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'

/**
 * The service was enabled or disabled: schedulers must see it at the providers of its nodes. What fails here the next audit
 * does, so the caller is not troubled. Wire: `set_host_enabled`, call, compute 5.0 and 6.0; answers `enabled` or `disabled`.
 */
export const setHostEnabled = defineOperation({
  method: 'set_host_enabled',
  parameters: ['enabled'],
  policy: {},
  decode: (args) => ({ enabled: Boolean(args.enabled) }),
  async run(parts, ctx, { enabled }) {
    const nodes = [...parts.tracker.nodes.values()]
    if (nodes.length === 0) parts.log.warning(`Schedulers are not told that ${parts.host} is ${wordFor(enabled)}: it has no compute node`)
    for (const node of nodes) await setEnabled(parts, ctx, node, enabled)
    return wordFor(enabled)
  },
})

async function setEnabled({ placement, log }: ComputeParts, ctx: RequestContext, node: ComputeNode, enabled: boolean): Promise<void> {
  try {
    await placement.setEnabled(ctx, node, enabled)
  } catch (err) {
    const message = messageOf(err)
    log.warning(
      `Placement could not be told that node ${node.hypervisor_hostname} is ${wordFor(enabled)}; the next update does it: ${message}`,
    )
  }
}

function wordFor(enabled: boolean): string {
  return enabled ? 'enabled' : 'disabled'
}
