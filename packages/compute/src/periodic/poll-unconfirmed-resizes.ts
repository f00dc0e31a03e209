import { type Instance, isNovaError, type Migration, type RequestContext } from '@micronova/model'
import { isServiceUp } from '@micronova/service'
import type { PeriodicParts, PeriodicTaskFactory } from './periodic-parts.js'

const name = '_poll_unconfirmed_resizes'

/** Confirms the resizes to this host that nobody has decided about for longer than `resize_confirm_window`. */
export const pollUnconfirmedResizes: PeriodicTaskFactory = (parts) => ({
  name,
  spacingSeconds: () => 0,
  runImmediately: false,
  async run(signal) {
    const { host, stores, periodic, log } = parts
    const window = periodic.resize_confirm_window
    if (window === 0) return
    const ctx = parts.adminContext()
    const waiting = await stores.migrations.listUnconfirmed(ctx, window, host, { replica: true })
    if (waiting.length > 0) log.info(`Found ${waiting.length} unconfirmed migrations older than ${window} seconds`, { context: ctx })
    for (const migration of waiting) {
      if (signal.aborted) return
      await confirmOrExplain(parts, ctx, migration)
    }
  },
})

/** One that cannot be confirmed now is tried again by the next run. */
async function confirmOrExplain(parts: PeriodicParts, ctx: RequestContext, migration: Migration): Promise<void> {
  const log = parts.log.with({ context: ctx, instanceUuid: migration.instance_uuid ?? '' })
  try {
    const instance = await present(parts, ctx, migration)
    const obstacle = instance === null ? `Instance ${migration.instance_uuid} not found` : obstacleOf(instance)
    if (obstacle !== null) {
      log.warning(`Setting migration ${migration.id} to error: ${obstacle}`)
      migration.status = 'error'
      await parts.stores.migrations.save(ctx, migration)
    } else if (instance !== null && !isBusy(instance)) {
      log.info(`Automatically confirming migration ${migration.id}`)
      await confirm(parts, ctx, instance, migration)
    }
  } catch (err) {
    log.info('The resize could not be confirmed and is tried again later', { err })
  }
}

async function present({ stores }: PeriodicParts, ctx: RequestContext, { instance_uuid: uuid }: Migration): Promise<Instance | null> {
  try {
    return await stores.instances.getByUuid(ctx, uuid ?? '', ['metadata', 'system_metadata'])
  } catch (err) {
    if (isNovaError(err, 'InstanceNotFound')) return null
    throw err
  }
}

/** Being deleted, which confirms it too; or its resize has just come to its end. */
function isBusy({ vm_state, task_state }: Instance): boolean {
  return vm_state !== 'error' && ['deleting', 'soft-deleting', 'resize_finish'].some((task) => task === task_state)
}

/** Why the instance will never be confirmed. */
function obstacleOf(instance: Instance): string | null {
  const { vm_state, task_state } = instance
  if (vm_state === 'error') return 'In ERROR state'
  if (isBusy(instance) || (vm_state === 'resized' && task_state === null)) return null
  return `In states ${vm_state}/${task_state ?? 'None'}, not RESIZED/None`
}

/** A source that is down would never hear of it, and nobody could confirm it again. */
async function confirm(parts: PeriodicParts, ctx: RequestContext, instance: Instance, migration: Migration): Promise<void> {
  const { stores, clock, conductor, requests, serviceDownTimeSeconds } = parts
  const source = await stores.services.getByComputeHost(ctx, migration.source_compute ?? '')
  const seen = { forcedDown: source.forced_down, lastSeenUp: source.last_seen_up, createdAt: source.created_at ?? new Date(0) }
  if (!isServiceUp(seen, serviceDownTimeSeconds, clock.now())) throw new Error(`the source ${migration.source_compute} is down`)
  await requests.confirmResize(ctx, instance, migration, (request) =>
    migration.cross_cell_move ? conductor.confirmSnapshotBasedResize(ctx, { instance, migration }) : request(),
  )
}
