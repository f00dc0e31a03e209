import type { Instance, Vif } from '@micronova/model'
import { cachedNetworkInfo } from '../network/network-api.js'
import { PortResources } from '../operations/port-resources.js'
import type { ComputeParts } from '../parts.js'
import type { JournalledWork } from './work.js'

/** Whether the guest has an interface that came after the message was sent: then the attach was done. */
export async function isInterfaceInGuest(parts: ComputeParts, work: JournalledWork, instance: Instance | null): Promise<boolean> {
  if (work.method !== 'attach_interface' || instance === null || instance.deleted || instance.host !== parts.host) return false
  const added = await addedInterfaces(parts, work, instance)
  return added.length > 0 && (await withoutGuest(parts, instance, added)).length === 0
}

/** Ports that the network service has for the instance, and the guest has not. One of the user stays the user's. */
export async function takeBackInterfaces(parts: ComputeParts, work: JournalledWork, instance: Instance): Promise<void> {
  const { ctx, args } = work
  const isUsers = typeof args.port_id === 'string'
  for (const { id } of await withoutGuest(parts, instance, await addedInterfaces(parts, work, instance))) {
    const allocations = await parts.networks.detachInterface(ctx, instance, id ?? '', { isUsers })
    await new PortResources(parts, ctx, instance).release(allocations)
  }
}

/** As the network service has them: the crash may have come before the info cache was written. */
async function addedInterfaces(
  { networks }: ComputeParts,
  { ctx, args, instance: asSent }: JournalledWork,
  instance: Instance,
): Promise<Vif[]> {
  const before = new Set(cachedNetworkInfo(asSent).map(({ id }) => id))
  const present = await networks.networkInfo(ctx, instance, { force: true })
  return present.filter(({ id }) => !before.has(id) && (typeof args.port_id !== 'string' || id === args.port_id))
}

async function withoutGuest({ driver }: ComputeParts, instance: Instance, vifs: readonly Vif[]): Promise<Vif[]> {
  const missing: Vif[] = []
  for (const vif of vifs) if ((await driver.interfaceHotplug?.hasInterface(instance, vif)) !== true) missing.push(vif)
  return missing
}
