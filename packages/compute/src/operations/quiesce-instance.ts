import { elevated, type Instance, type RequestContext } from '@micronova/model'
import { notImplemented } from '../not-implemented.js'
import { defineOperation, onlyInstance } from '../operation.js'
import type { ComputeParts } from '../parts.js'

const expected = ['InstanceQuiesceNotSupported', 'QemuGuestAgentNotEnabled', 'NovaException', 'NotImplementedError']

/** Between two questions of how far a snapshot is, as upstream. */
const pollMs = 500

/** Freeze the file systems of a guest. Wire: `quiesce_instance`, call, compute 5.0 and 6.0. */
export const quiesceInstance = defineOperation({
  method: 'quiesce_instance',
  parameters: ['instance'],
  policy: { expected },
  decode: onlyInstance,
  run: ({ driver }, ctx, { instance }) => (driver.quiescing ?? notImplemented()).quiesce(elevated(ctx), instance),
})

/** Let them go on, when the snapshots of its volumes are taken. Wire: `unquiesce_instance`, cast, compute 5.0 and 6.0. */
export const unquiesceInstance = defineOperation({
  method: 'unquiesce_instance',
  parameters: ['instance', ['mapping', null]],
  policy: { expected },
  decode: (args) => ({ instance: args.instance as Instance, snapshotIds: snapshotsIn(args.mapping) }),
  async run(parts, requestCtx, { instance, snapshotIds }, signal) {
    const ctx = elevated(requestCtx)
    try {
      for (const id of snapshotIds) await taken(parts, ctx, id, signal)
    } catch (err) {
      parts.log.error('The snapshots of the volumes could not be waited for', { err, instanceUuid: instance.uuid })
    }
    await (parts.driver.quiescing ?? notImplemented()).unquiesce(ctx, instance)
  },
})

async function taken({ volumes, clock }: ComputeParts, ctx: RequestContext, snapshotId: string, signal: AbortSignal): Promise<void> {
  while ((await volumes.getSnapshot(ctx, snapshotId)).status === 'creating') await clock.sleep(pollMs, signal)
}

/** A list of block devices, each as a dict. */
function snapshotsIn(mapping: unknown): readonly string[] {
  const devices = Array.isArray(mapping) ? (mapping as readonly { readonly source_type?: unknown; readonly snapshot_id?: unknown }[]) : []
  return devices.flatMap(({ source_type: type, snapshot_id: id }) => (type === 'snapshot' && typeof id === 'string' ? [id] : []))
}
