import { EC2Ids } from '@micronova/model'
import type { Rows, StoredRow } from '../../rows.js'
import { instanceIdMappings, type instances, s3Images } from '../../schema/cell-tables.js'

type Instance = Pick<StoredRow<typeof instances>, 'uuid' | 'image_ref' | 'kernel_id' | 'ramdisk_id'>

/** EC2's names of an instance and its images by uuid: numbers that the cell gives to uuids. Images that have none get one. */
export async function readEc2Ids(rows: Rows, found: readonly Instance[]): Promise<ReadonlyMap<string, EC2Ids>> {
  const images = found
    .flatMap(({ image_ref, kernel_id, ramdisk_id }) => [image_ref, kernel_id, ramdisk_id])
    .filter((id) => !!id) as string[]
  const ofInstances = await numbers(
    rows,
    instanceIdMappings,
    found.map(({ uuid }) => uuid),
  )
  const ofImages = await numbers(rows, s3Images, [...new Set(images)])
  const name = (kind: string, number: number | undefined) =>
    number === undefined ? null : `${kind}-${number.toString(16).padStart(8, '0')}`
  const image = (kind: string, id: string | null) => (id ? name(kind, ofImages.get(id)) : null)
  return new Map(
    found.map(({ uuid, image_ref, kernel_id, ramdisk_id }) => {
      const instance_id = name('i', ofInstances.get(uuid))!
      const ids = { instance_id, ami_id: image('ami', image_ref), kernel_id: image('aki', kernel_id), ramdisk_id: image('ari', ramdisk_id) }
      return [uuid, EC2Ids.objStored(ids)]
    }),
  )
}

type NumberTable = typeof instanceIdMappings | typeof s3Images

async function numbers(rows: Rows, table: NumberTable, uuids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (uuids.length === 0) return new Map()
  const stored = await rows.select(table, { uuid: uuids }).orderBy('id', 'desc').execute()
  const known = new Map(stored.map(({ uuid, id }) => [uuid, id]))
  for (const uuid of uuids) if (!known.has(uuid)) known.set(uuid, await rows.insert(table, { uuid }))
  return known
}
