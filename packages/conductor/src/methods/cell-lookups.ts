import { BlockDeviceMapping, type CellStores, ComputeNodeList, InstanceGroup, Tag, TaskLogList } from '@micronova/model'
import { type MethodTable, onClass, onObject } from '../dispatch/method-table.js'
import { periodOf } from './usage-audit.js'

/** Methods of a cell that our own compute never calls, and a Python one does. */
export function cellLookupMethods(stores: CellStores): MethodTable {
  return { ...tagMethods(stores), ...groupMemberMethods(stores), ...otherMethods(stores) }
}

function tagMethods({ tags }: CellStores): MethodTable {
  return {
    'TagList.create': onClass((ctx, args) => tags.replace(ctx, args.text('resource_id'), args.texts('tags'))),
    'TagList.destroy': onClass((ctx, args) => tags.destroyAll(ctx, args.text('resource_id'))),
    'Tag.exists': onClass(async (ctx, args) => {
      const { objects } = await tags.listByResource(ctx, args.text('resource_id'))
      return objects.some(({ tag }) => tag === args.text('name'))
    }),
    'Tag.create': onObject(Tag, async (ctx, tag) => {
      const { objects } = await tags.listByResource(ctx, tag.resource_id)
      await tags.replace(ctx, tag.resource_id, [...objects.map((other) => other.tag), tag.tag])
      tag.objResetChanges()
    }),
  }
}

/** Members are above the cells; where they are is asked of the cell that the request came from. */
function groupMemberMethods({ instances }: CellStores): MethodTable {
  const membersOf = (group: InstanceGroup) => (group.objIsSet('members') ? (group.members ?? []) : [])
  return {
    'InstanceGroup.get_hosts': onObject(InstanceGroup, (ctx, group, args) => {
      const left = args.textsOrNull('exclude') ?? []
      return instances.listHostsByUuids(
        ctx,
        membersOf(group).filter((uuid) => !left.includes(uuid)),
      )
    }),
    'InstanceGroup.count_members_by_user': onObject(InstanceGroup, async (ctx, group, args) => {
      const members = membersOf(group)
      if (members.length === 0) return 0
      return (await instances.listByFilters(ctx, { uuid: members, user_id: args.text('user_id'), deleted: false })).length
    }),
  }
}

function otherMethods({ blockDeviceMappings, computeNodes, instances, taskLogs }: CellStores): MethodTable {
  return {
    'BlockDeviceMapping.update_or_create': onObject(BlockDeviceMapping, (ctx, mapping) => blockDeviceMappings.updateOrCreate(ctx, mapping)),
    'ComputeNodeList.get_all_by_uuids': onClass(async (ctx, args) =>
      ComputeNodeList.objStored({ objects: await computeNodes.listByUuids(ctx, args.texts('compute_uuids')) }),
    ),
    'TaskLogList.get_all': onClass(async (ctx, args) => {
      const key = { ...periodOf(args), host: args.textOrNull('host') }
      return TaskLogList.objStored({ objects: await taskLogs.list(ctx, key, args.textOrNull('state')) })
    }),
    'InstanceList.get_uuids_by_host': onClass((ctx, args) => instances.listUuidsByHost(ctx, args.text('host'))),
    'InstanceList.get_uuids_by_host_and_node': onClass((ctx, args) => instances.listUuidsByHost(ctx, args.text('host'), args.text('node'))),
    'InstanceList.get_counts': onClass(async (ctx, args) => {
      const { project, user } = await instances.usageOfProject(ctx, args.text('project_id'), args.textOrNull('user_id'))
      return user === null ? { project } : { project, user }
    }),
  }
}
