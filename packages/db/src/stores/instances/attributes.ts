import {
  type InstanceAttribute,
  InstanceFault,
  InstanceInfoCache,
  PciDeviceList,
  type RequestContext,
  SecurityGroup,
  SecurityGroupList,
  Service,
  ServiceList,
  Tag,
  TagList,
} from '@micronova/model'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import { oneOf, type Rows, type StoredRow } from '../../rows.js'
import { instanceInfoCaches, type instances, pciDevices, services, tags } from '../../schema/cell-tables.js'
import { objectOf } from '../object-rows.js'
import { pciDeviceOf } from '../pci-devices.js'
import { readEc2Ids } from './ec2-ids.js'
import { decodeExtra, type ExtraAttribute, extraAttributes } from './extra.js'
import { readMetadata, readSystemMetadata } from './metadata.js'

export type InstanceRow = StoredRow<typeof instances>

/** Of an instance the fields that an attribute stands for. */
type Answer = (row: InstanceRow) => Record<string, unknown>

interface Reading {
  readonly rows: Rows
  readonly ctx: RequestContext
  readonly registry: ObjectRegistry
  readonly found: readonly InstanceRow[]
  readonly uuids: readonly string[]
}

type JoinedAttribute = Exclude<InstanceAttribute, ExtraAttribute>

/**
 * Read satellites of instances: one query for each attribute (two for `ec2_ids`, one for all that `instance_extra` holds),
 * however many instances there are.
 *
 * @returns the fields of one of these instances
 */
export async function readAttributes(
  rows: Rows,
  ctx: RequestContext,
  registry: ObjectRegistry,
  found: readonly InstanceRow[],
  attributes: Iterable<InstanceAttribute>,
): Promise<Answer> {
  const wanted = new Set(attributes)
  if (found.length === 0 || wanted.size === 0) return () => ({})
  const reading: Reading = { rows, ctx, registry, found, uuids: found.map(({ uuid }) => uuid) }
  const answers: Answer[] = []
  const extra = extraAttributes.filter((name) => wanted.has(name))
  if (extra.length > 0) answers.push(await readExtra(reading, extra))
  for (const [name, read] of Object.entries(joined)) if (wanted.has(name as JoinedAttribute)) answers.push(await read(reading))
  return (row) => Object.assign({}, ...answers.map((answer) => answer(row)))
}

const joined: Readonly<Record<JoinedAttribute, (reading: Reading) => Promise<Answer>>> = {
  async metadata({ rows, ctx, found }) {
    const byInstance = await readMetadata(rows, ctx, found)
    return ({ uuid }) => ({ metadata: byInstance.get(uuid) ?? {} })
  },

  async system_metadata({ rows, found }) {
    const byInstance = await readSystemMetadata(rows, found)
    return ({ uuid }) => ({ system_metadata: byInstance.get(uuid) ?? {} })
  },

  async info_cache({ rows, uuids }) {
    const caches = new Map(
      (await rows.select(instanceInfoCaches, { instance_uuid: uuids }).execute()).map((row) => [row.instance_uuid, row]),
    )
    return ({ uuid }) => {
      const row = caches.get(uuid)
      return { info_cache: row === undefined ? null : objectOf(InstanceInfoCache, row) }
    }
  },

  async security_groups({ rows, uuids }) {
    const groups = await rows.db
      .selectFrom('security_groups')
      .innerJoin('security_group_instance_association as association', 'association.security_group_id', 'security_groups.id')
      .selectAll('security_groups')
      .select('association.instance_uuid')
      .where(oneOf('association.instance_uuid', uuids))
      .where('association.deleted', '=', 0)
      .where('security_groups.deleted', '=', 0)
      .orderBy('security_groups.id')
      .execute()
    const byInstance = groupBy(groups, (row) => row.instance_uuid)
    return (instance) => {
      const own = isDeleted(instance) ? [] : (byInstance.get(instance.uuid) ?? [])
      return { security_groups: SecurityGroupList.objStored({ objects: own.map((row) => objectOf(SecurityGroup, row)) }) }
    }
  },

  async pci_devices({ rows, uuids }) {
    const devices = await rows.select(pciDevices, { instance_uuid: uuids, status: 'allocated', deleted: 0 }).orderBy('id').execute()
    const byInstance = groupBy(devices, (row) => row.instance_uuid)
    return ({ uuid }) => ({ pci_devices: PciDeviceList.objStored({ objects: (byInstance.get(uuid) ?? []).map(pciDeviceOf) }) })
  },

  async tags({ rows, uuids }) {
    const byInstance = groupBy(await rows.select(tags, { resource_id: uuids }).orderBy('tag').execute(), (row) => row.resource_id)
    return ({ uuid }) => ({ tags: TagList.objStored({ objects: (byInstance.get(uuid) ?? []).map((row) => Tag.objStored(row)) }) })
  },

  /** The nova-compute of the host; a deleted instance is on none. */
  async services({ rows, found }) {
    const hosts = [...new Set(found.map(({ host }) => host).filter((host) => host !== null))]
    const onHosts = await rows.select(services, { host: hosts, binary: 'nova-compute' }).orderBy('id').execute()
    const byHost = groupBy(onHosts, (row) => row.host)
    return (instance) => {
      const own = isDeleted(instance) ? [] : (byHost.get(instance.host) ?? [])
      return { services: ServiceList.objStored({ objects: own.map((row) => objectOf(Service, row, { uuid: row.uuid ?? undefined })) }) }
    }
  },

  /** The latest one. */
  async fault({ rows, uuids }) {
    const latest = rows.db
      .selectFrom('instance_faults')
      .select(({ fn }) => fn.max('id').as('id'))
      .where(oneOf('instance_uuid', uuids))
      .where('deleted', '=', 0)
      .groupBy('instance_uuid')
    const faults = await rows.db.selectFrom('instance_faults').selectAll().where('id', 'in', latest).execute()
    const byInstance = new Map(faults.map((row) => [row.instance_uuid, row]))
    return ({ uuid }) => {
      const row = byInstance.get(uuid)
      return { fault: row === undefined ? null : objectOf(InstanceFault, row) }
    }
  },

  async ec2_ids({ rows, found }) {
    const byInstance = await readEc2Ids(rows, found)
    return ({ uuid }) => ({ ec2_ids: byInstance.get(uuid) })
  },
}

async function readExtra({ rows, registry, uuids }: Reading, attributes: readonly ExtraAttribute[]): Promise<Answer> {
  const found = await rows.db
    .selectFrom('instance_extra')
    .select(['instance_uuid', ...attributes])
    .where(oneOf('instance_uuid', uuids))
    .execute()
  const byInstance = new Map(found.map((row) => [row.instance_uuid, row]))
  return ({ uuid }) => Object.assign({}, ...attributes.map((name) => decodeExtra(registry, uuid, name, byInstance.get(uuid))))
}

function isDeleted({ id, deleted }: InstanceRow): boolean {
  return deleted === id
}

function groupBy<R, K>(rows: readonly R[], key: (row: R) => K): ReadonlyMap<K, R[]> {
  const groups = new Map<K, R[]>()
  for (const row of rows) {
    const group = groups.get(key(row))
    if (group === undefined) groups.set(key(row), [row])
    else group.push(row)
  }
  return groups
}
