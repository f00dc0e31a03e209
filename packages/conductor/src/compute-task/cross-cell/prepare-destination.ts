import { isClientError } from '@micronova/clients'
import { MessagingTimeout } from '@micronova/messaging'
import { isNovaError, type MigrationContext } from '@micronova/model'
import { limitsOf } from '../filter-properties.js'
import { bindPortsOn, returnPorts } from '../networks.js'
import { zoneOf } from '../zones.js'
import { type MoveState, type MoveStep, preCheckFailed } from './move-state.js'

/** The ports get a binding on the destination, inactive; its end is that of the source's being the active one. */
export const bindPorts: MoveStep = {
  name: 'bind_ports',
  async run(state) {
    const { deps, ctx, target, selection } = state
    const { service_host: host } = selection
    try {
      state.boundPorts = [...(await bindPortsOn(deps, ctx, target.instance, host, new Map())).keys()]
    } catch (err) {
      if (!isNovaError(err, 'PortBindingFailed')) throw err
      throw preCheckFailed(`Failed to create port bindings for host ${host}`, err)
    }
  },
  async undo({ deps, ctx, source, selection, boundPorts }) {
    const hosts = { source: source.migration.source_compute ?? '', destination: selection.service_host }
    await returnPorts(deps, ctx, boundPorts, hosts)
  },
}

/** Each volume gets an attachment for the destination, beside that of the source. The mappings of the target cell name it. */
export const reserveVolumes: MoveStep = {
  name: 'reserve_volumes',
  async run({ deps, ctx, target, attachments }) {
    const { blockDeviceMappings } = target.scope.stores
    const { uuid: instanceUuid } = target.instance
    for (const mapping of await blockDeviceMappings.listByInstanceUuid(ctx, instanceUuid)) {
      if (mapping.destination_type !== 'volume' || mapping.volume_id === null) continue
      const { id } = await deps.clients.cinder.createAttachment(ctx, { volumeId: mapping.volume_id, instanceUuid })
      attachments.push(id)
      mapping.attachment_id = id
      await blockDeviceMappings.save(ctx, mapping)
    }
  },
  async undo({ deps, ctx, attachments }) {
    const results = await Promise.allSettled(attachments.map((id) => deps.clients.cinder.deleteAttachment(ctx, id)))
    const failed = results.flatMap((result) =>
      result.status === 'rejected' && !isClientError(result.reason, 'not_found') ? [result.reason] : [],
    )
    if (failed.length > 0) throw failed[0]
  },
}

/** The resources of the destination are claimed there; the compute finds the instance by its copy. */
export const claimDestination: MoveStep = {
  name: 'claim_destination',
  async run(state) {
    const { deps, ctx, flavor, target, selection } = state
    const { instances, migrations } = target.scope.stores
    // The claim counts by it.
    target.instance.new_flavor = flavor.objClone()
    await instances.save(ctx, target.instance)
    state.context = await claim(state)
    await instances.refresh(ctx, target.instance)
    target.migration = await migrations.getByUuid(ctx, target.migration.uuid)
    target.instance.system_metadata = { ...target.instance.system_metadata, old_vm_state: target.instance.vm_state ?? 'active' }
    target.instance.availability_zone = await zoneOf(deps, ctx, selection.service_host)
    await instances.save(ctx, target.instance)
  },
}

async function claim({ ctx, flavor, target, selection, requestSpec }: MoveState): Promise<MigrationContext | null> {
  const { service_host: host, nodename } = selection
  const limits = limitsOf(selection.objIsSet('limits') ? selection.limits : null)
  const { instance, migration, scope } = target
  try {
    const request = { host, instance, flavor, nodename, migration, limits, requestSpec }
    return await scope.compute.prepSnapshotBasedResizeAtDest(ctx, request)
  } catch (err) {
    if (!(err instanceof MessagingTimeout)) throw err
    throw preCheckFailed(`RPC timeout while checking if we can cross-cell migrate to host: ${host}`, err)
  }
}

/** The source cell knows where the instance goes: events of the network reach both hosts by it. */
export const mirrorClaim: MoveStep = {
  name: 'mirror_claim',
  async run({ ctx, source, target, context }) {
    const { instance, migration, scope } = source
    const { dest_compute, dest_node, dest_host } = target.migration
    if (context !== null) {
      const mirrored = context.objClone()
      mirrored.migration_id = migration.id
      instance.migration_context = mirrored
      await scope.stores.instances.save(ctx, instance)
    }
    Object.assign(migration, { dest_compute, dest_node, dest_host })
    await scope.stores.migrations.save(ctx, migration)
  },
  async undo({ ctx, source: { instance, scope } }) {
    await scope.stores.instances.dropMigrationContext(ctx, instance)
  },
}
