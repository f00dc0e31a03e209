import { type Instance, novaError, type RequestContext } from '@micronova/model'
import { isDatabaseError } from '../../errors.js'
import type { Rows } from '../../rows.js'
import {
  instanceExtra,
  instanceIdMappings,
  instanceInfoCaches,
  instanceMetadata,
  instanceSystemMetadata,
  instances,
  securityGroupInstanceAssociation,
  securityGroups,
} from '../../schema/cell-tables.js'
import { encodeNetworkInfo } from '../info-caches.js'
import { columnValues } from '../object-rows.js'
import { newExtra } from './extra.js'

/** Write a new instance with all of its satellites. @returns its uuid. @throws NovaError `InstanceExists`, `SecurityGroupNotFoundForProject` */
export async function createInstance(rows: Rows, ctx: RequestContext, instance: Instance, uuid: string): Promise<void> {
  const changes = instance.objGetChanges()
  await rows.insert(instances, { ...columnValues(instances, changes), uuid }).catch((err) => {
    throw isDatabaseError(err, 'unique_violation') ? novaError('InstanceExists', { name: uuid }, { cause: err }) : err
  })
  const cache = instance.objIsSet('info_cache') ? instance.info_cache : null
  await rows.insert(instanceInfoCaches, { instance_uuid: uuid, network_info: cache === null ? null : encodeNetworkInfo(cache) })
  await rows.insert(instanceExtra, { ...newExtra(instance), instance_uuid: uuid })
  if (instance.objIsSet('metadata')) await rows.insertAll(instanceMetadata, items(instance.metadata, uuid))
  if (instance.objIsSet('system_metadata')) await rows.insertAll(instanceSystemMetadata, items(instance.system_metadata, uuid))
  await joinSecurityGroups(rows, ctx, instance, uuid)
  await rows.insert(instanceIdMappings, { uuid })
}

/**
 * The project's group `default`, which upstream makes with the first instance although security groups are Neutron's now.
 * A unit of work of its own: somebody else may make it at the same time.
 */
export async function ensureDefaultSecurityGroup(rows: Rows, { projectId, userId }: RequestContext): Promise<void> {
  const group = { project_id: projectId, name: 'default' }
  if ((await rows.first(securityGroups, { ...group, deleted: 0 })) !== undefined) return
  await rows.insert(securityGroups, { ...group, description: 'default', user_id: userId })
}

function items<V extends string | null>(metadata: Readonly<Record<string, V>>, uuid: string) {
  return Object.entries(metadata).map(([key, value]) => ({ key, value, instance_uuid: uuid }))
}

async function joinSecurityGroups(rows: Rows, { projectId }: RequestContext, instance: Instance, uuid: string): Promise<void> {
  const names = instance.objIsSet('security_groups') ? instance.security_groups.objects.map(({ name }) => name) : []
  if (names.length === 0) return
  const groups = await rows.select(securityGroups, { project_id: projectId, name: names, deleted: 0 }).execute()
  const missing = names.find((name) => !groups.some((group) => group.name === name))
  if (missing !== undefined) throw novaError('SecurityGroupNotFoundForProject', { project_id: projectId, security_group_id: missing })
  await rows.insertAll(
    securityGroupInstanceAssociation,
    groups.map(({ id }) => ({ instance_uuid: uuid, security_group_id: id })),
  )
}
