import { type Instance, type InstanceExternalEvent, isNovaError, type RequestContext } from '@micronova/model'
import { extendVolume } from '../external-events/extend-volume.js'
import { powerUpdate } from '../external-events/power-update.js'
import { vifDeleted } from '../external-events/vif-deleted.js'
import { eventKey } from '../network/instance-events.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { runOperation } from '../run-operation.js'

interface ExternalEventArgs {
  readonly instances: readonly Instance[]
  readonly events: readonly InstanceExternalEvent[]
}

/**
 * What Neutron, Cinder or Ironic tell about instances. Wire: `external_instance_event`, cast, compute 5.0 and 6.0.
 *
 * Those who wait for an event are told at once; what takes time is done after that, one event of an instance after the other, the
 * instances side by side. An event that fails, or that is about an instance which the message does not bring, keeps no other
 * from being heard; upstream drops the rest.
 */
export const externalInstanceEvent = defineOperation<ExternalEventArgs>({
  method: 'external_instance_event',
  parameters: ['instances', 'events'],
  policy: {},
  decode: ({ instances, events }) => ({ instances: instances as Instance[], events: events as InstanceExternalEvent[] }),
  async run(parts, ctx, { instances, events }, signal) {
    const known = new Map(instances.map((instance) => [instance.uuid, instance]))
    const later = new Map<Instance, InstanceExternalEvent[]>()
    for (const event of events) {
      const instance = known.get(event.instance_uuid)
      parts.log.debug(`Received event ${eventKey(event)}`, { instanceUuid: event.instance_uuid })
      if (instance === undefined)
        parts.log.warning(`${eventKey(event)} is about an instance that did not come with it`, { instanceUuid: event.instance_uuid })
      else if (Object.hasOwn(handlers, event.name)) later.set(instance, [...(later.get(instance) ?? []), event])
      else deliver(parts, instance, event)
    }
    await Promise.all([...later].map(([instance, own]) => handleAll(parts, ctx, instance, own, signal)))
  },
})

type Handler = (parts: ComputeParts, ctx: RequestContext, instance: Instance, tag: string | null, signal: AbortSignal) => Promise<unknown>

/** Events that are acted upon; all others are waited for by somebody. */
const handlers: Readonly<Record<string, Handler>> = {
  'network-changed': ({ networks }, ctx, instance, tag) => networks.networkInfo(ctx, instance, tag === null ? {} : { changedPort: tag }),
  'network-vif-deleted': vifDeleted,
  'volume-extended': (parts, ctx, instance, tag, signal) =>
    runOperation(parts, extendVolume, ctx, { instance, extended_volume_id: tag }, signal),
  'power-update': (parts, ctx, instance, tag, signal) =>
    runOperation(parts, powerUpdate, ctx, { instance, target_power_state: tag }, signal),
}

async function handleAll(
  parts: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  events: readonly InstanceExternalEvent[],
  signal: AbortSignal,
): Promise<void> {
  for (const event of events) {
    try {
      await handlers[event.name]?.(parts, ctx, instance, event.tag, signal)
    } catch (err) {
      const failed = `${eventKey(event)} could not be handled`
      if (isNovaError(err, 'NotFound')) parts.log.info(`${failed}: ${err.message}`, { instanceUuid: instance.uuid })
      else parts.log.error(failed, { err, instanceUuid: instance.uuid })
    }
  }
}

function deliver({ events, log }: ComputeParts, instance: Instance, event: InstanceExternalEvent): void {
  const { uuid: instanceUuid, vm_state, task_state } = instance
  if (events.deliver(instanceUuid, event)) {
    log.debug(`Processing event ${eventKey(event)}`, { instanceUuid })
    return
  }
  const isUsual = event.name === 'network-vif-unplugged' && (task_state === 'deleting' || task_state === 'migrating')
  const text = `Received unexpected event ${eventKey(event)} for instance with vm_state ${vm_state} and task_state ${task_state}.`
  log[isUsual ? 'debug' : 'warning'](text, { instanceUuid })
}
