import { type Instance, novaError, type RequestContext } from '@micronova/model'
import type { Rows } from '../../rows.js'
import {
  blockDeviceMapping,
  consoleAuthTokens,
  instanceExtra,
  instanceFaults,
  instanceIdMappings,
  instanceInfoCaches,
  instanceMetadata,
  instanceSystemMetadata,
  instances,
  migrations,
  securityGroupInstanceAssociation,
  tags,
  virtualInterfaces,
} from '../../schema/cell-tables.js'
import { owned, visible } from '../visibility.js'

const satellites = [
  securityGroupInstanceAssociation,
  instanceInfoCaches,
  instanceMetadata,
  instanceFaults,
  instanceExtra,
  instanceSystemMetadata,
  blockDeviceMapping,
  migrations,
  virtualInterfaces,
] as const

/**
 * Mark the instance and its satellites as deleted. Tags and console tokens, which have no mark, go; actions and their events stay
 * as they are, to tell what was done to it.
 *
 * @throws NovaError `InstanceNotFound`; `ObjectActionError` if the caller believes it to be on no host and it is on one
 * @see nova 26.2.2, `db/main/api.py`, `instance_destroy`
 */
export async function destroyInstance(rows: Rows, ctx: RequestContext, instance: Instance): Promise<void> {
  const { uuid } = instance
  const hasHost = instance.objIsSet('host') && !!instance.host
  if ((await rows.softDelete(instances, { uuid, ...owned(ctx), ...(hasHost ? {} : { host: null }) })) === 0) {
    if ((await rows.first(instances, { uuid, ...visible(ctx), ...owned(ctx) })) === undefined)
      throw novaError('InstanceNotFound', { instance_id: uuid })
    throw novaError('ObjectActionError', { action: 'destroy', reason: 'host changed' })
  }
  for (const table of satellites) await rows.softDelete<(typeof satellites)[number]>(table, { instance_uuid: uuid })
  await rows.softDelete(instanceIdMappings, { uuid })
  await rows.delete(tags, { resource_id: uuid })
  await rows.delete(consoleAuthTokens, { instance_uuid: uuid })
}
