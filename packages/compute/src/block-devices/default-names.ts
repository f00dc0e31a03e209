import type { BlockDeviceMapping, Instance, RequestContext } from '@micronova/model'
import type { ComputeParts } from '../parts.js'
import { nextDeviceName } from './device-names.js'

type Parts = Pick<ComputeParts, 'driver' | 'settings' | 'stores'>

/**
 * Give every block device that has no name one, the root disk first, and write it into its record; the instance learns
 * the root disk's name, its caller saves it. A device that has a name keeps it, so this does no harm twice.
 *
 * @throws NovaError `TooManyDiskDevices`, `InvalidDevicePath`
 */
export async function nameBlockDevices(
  parts: Parts,
  ctx: RequestContext,
  instance: Instance,
  image: Readonly<Record<string, unknown>>,
  mappings: readonly BlockDeviceMapping[],
): Promise<void> {
  await nameRootDevice(parts, ctx, instance, image, mappings)
  const used = mappings.flatMap(({ device_name }) => device_name ?? [])
  for (const mapping of mappings) {
    if (mapping.device_name !== null) continue
    const name = nextDeviceName({ used, rootDeviceName: instance.root_device_name, maxDevices: parts.settings.maxDiskDevices })
    await setName(parts, ctx, mapping, name)
    used.push(name)
  }
}

/** An instance without a root disk among its block devices (the driver makes one up) is left as it is. */
async function nameRootDevice(
  parts: Parts,
  ctx: RequestContext,
  instance: Instance,
  image: Readonly<Record<string, unknown>>,
  mappings: readonly BlockDeviceMapping[],
): Promise<void> {
  const root = mappings.find(({ boot_index }) => boot_index === 0)
  if (root === undefined) return
  const named = root.device_name
  const name = named ?? instance.root_device_name ?? defaultRootName(parts, instance, image, root)
  instance.root_device_name = name
  if (named === null) await setName(parts, ctx, root, name)
}

function defaultRootName(
  { driver, settings }: Parts,
  instance: Instance,
  image: Readonly<Record<string, unknown>>,
  root: BlockDeviceMapping,
): string {
  const ofDriver = driver.deviceNames?.defaultRootDeviceName(instance, image, root)
  return ofDriver ?? nextDeviceName({ used: [], rootDeviceName: null, maxDevices: settings.maxDiskDevices })
}

async function setName({ stores }: Parts, ctx: RequestContext, mapping: BlockDeviceMapping, name: string): Promise<void> {
  mapping.device_name = name
  await stores.blockDeviceMappings.save(ctx, mapping)
}
