import { type Instance, Migration, novaError } from '@micronova/model'
import { recordFault } from '@micronova/rpcapi'
import { cachedNetworkInfo } from '../network/network-api.js'
import type { ComputeParts } from '../parts.js'
import { cancelMove } from '../resize/cancel-move.js'
import { abandonUnshelve, fieldsOf } from '../shelve/abandon-unshelve.js'
import { deleteUnlessActive } from '../snapshot/take-snapshot.js'
import { takeBackInterfaces } from './interface-work.js'
import type { JournalledWork } from './work.js'

type RemoveLeftovers = (parts: ComputeParts, work: JournalledWork, instance: Instance) => Promise<void>

/** What each operation may have left half done, by wire name. */
const leftovers: Readonly<Record<string, RemoveLeftovers>> = {
  attach_interface: takeBackInterfaces,
  backup_instance: removeImage,
  shelve_instance: removeImage,
  snapshot_instance: removeImage,
  unshelve_instance: removeGuest,
}

/** End work that was interrupted where it cannot go on: what it left is removed, its user is told, the instance is free again. */
export async function cancelWork(parts: ComputeParts, work: JournalledWork, instance: Instance): Promise<void> {
  const { method, ctx } = work
  const { migration } = work.args
  if (migration instanceof Migration) return cancelMove(parts, ctx, instance, migration, `nova-compute was restarted during ${method}`)
  const { task_state: taskState } = instance
  await leftovers[method]?.(parts, work, instance)
  await recordFault(parts, ctx, instance, novaError('NovaException', {}, `nova-compute was restarted during ${method}`))
  // It has no task state: what there is belongs to another operation, which waited.
  if (method === 'attach_interface') return
  instance.task_state = null
  await parts.stores.instances.save(ctx, instance, { expectedTaskState: [taskState] })
}

/** With the token of the user, which may have expired: then the image stays, without data. */
function removeImage(parts: ComputeParts, { ctx, args }: JournalledWork, instance: Instance): Promise<void> {
  return deleteUnlessActive(parts, ctx, instance, String(args.image_id))
}

/** The host's own count of what is used begins anew with the start, so there is no claim to take back. */
async function removeGuest(parts: ComputeParts, { ctx, instance: asSent }: JournalledWork, instance: Instance): Promise<void> {
  const blockDevices = await parts.stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
  await parts.driver.destroy(ctx, { instance, network: cachedNetworkInfo(instance), blockDevices })
  await abandonUnshelve(parts, ctx, instance, fieldsOf(asSent), blockDevices)
}
