import { type Instance, isNovaError } from '@micronova/model'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'

type Dict = Readonly<Record<string, unknown>>

/** A snapshot of a volume that the hypervisor makes for Cinder. Wire: `volume_snapshot_create`, cast, compute 5.0 and 6.0. */
export const volumeSnapshotCreate = defineOperation({
  method: 'volume_snapshot_create',
  parameters: ['instance', 'volume_id', 'create_info'],
  policy: { expected: ['NotImplementedError'] },
  decode: (args) => ({ instance: args.instance as Instance, volumeId: String(args.volume_id), info: args.create_info as Dict }),
  run: (parts, ctx, { instance, volumeId, info }) =>
    whileItRuns(parts, instance, () => (parts.driver.volumeSnapshots ?? notImplemented()).create(ctx, instance, volumeId, info)),
})

/** Its end. Wire: `volume_snapshot_delete`, cast, compute 5.0 and 6.0. */
export const volumeSnapshotDelete = defineOperation({
  method: 'volume_snapshot_delete',
  parameters: ['instance', 'volume_id', 'snapshot_id', 'delete_info'],
  policy: { expected: ['NotImplementedError'] },
  decode: (args) => ({
    instance: args.instance as Instance,
    snapshot: { volumeId: String(args.volume_id), snapshotId: String(args.snapshot_id) },
    info: args.delete_info as Dict,
  }),
  run: (parts, ctx, { instance, snapshot, info }) =>
    whileItRuns(parts, instance, () => (parts.driver.volumeSnapshots ?? notImplemented()).delete(ctx, instance, snapshot, info)),
})

async function whileItRuns({ log }: ComputeParts, { uuid }: Instance, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (err) {
    if (!isNovaError(err, 'InstanceNotRunning')) throw err
    log.debug('The guest went during a snapshot of its volume', { instanceUuid: uuid })
  }
}
