import { type Instance, isNovaError, novaError, type RequestContext, VIFMigrateData } from '@micronova/model'
import { checkGroupPolicy } from '../group-policy.js'
import { ensureLoaded } from '../instance-attributes.js'
import { cachedNetworkInfo } from '../network/network-api.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'

/** At the destination: can the guest come here? Wire: `check_can_live_migrate_destination`, call, compute 5.0 to 6.0. */
export const checkCanLiveMigrateDestination = defineOperation({
  method: 'check_can_live_migrate_destination',
  parameters: ['instance', 'block_migration', 'disk_over_commit', 'migration', 'limits'],
  policy: { event: 'compute_check_can_live_migrate_destination', recordFault: true },
  decode: (args) => ({
    instance: args.instance as Instance,
    wishes: { blockMigration: args.block_migration as boolean | null, diskOverCommit: args.disk_over_commit as boolean | null },
  }),
  async run(parts, ctx, { instance, wishes }) {
    const { driver, computes, networks, stores } = parts
    await checkGroup(parts, ctx, instance)
    const checked = await (driver.liveMigration ?? notImplemented()).checkDestination(ctx, instance, wishes)
    const data = await computes.checkCanLiveMigrateSource(ctx, { instance, destCheckData: checked })
    if (data.objIsSet('vifs') || !(await networks.hasPortBindings(ctx))) return data
    await ensureLoaded(stores, ctx, instance, ['info_cache'])
    data.vifs = cachedNetworkInfo(instance).map((vif) => new VIFMigrateData({ port_id: vif.id ?? '', source_vif: vif }))
    return data
  },
})

/** @throws NovaError `MigrationPreCheckError`: the conductor asks another host */
async function checkGroup(parts: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  try {
    await checkGroupPolicy(parts, ctx, instance, null)
  } catch (err) {
    if (!isNovaError(err, 'GroupAffinityViolation')) throw err
    throw novaError('MigrationPreCheckError', { reason: `Failed to validate instance group policy due to: ${err.message}` }, { cause: err })
  }
}
