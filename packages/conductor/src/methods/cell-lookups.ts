import {
  BlockDeviceMapping,
  type CellStores,
  ComputeNodeList,
  InstanceGroup,
  InstanceList,
  Tag,
  TaskLog,
  TaskLogList,
} from '@micronova/model'
import type { MethodArguments } from '../dispatch/arguments.js'
import { type MethodTable, onClass, onObject } from '../dispatch/method-table.js'
import { attributesOf } from './instances.js'

/** Methods of a cell that our own compute never calls, and a Python one does. */
export function cellLookupMethods(stores: CellStores): MethodTable {
  return { ...usageMethods(stores), ...tagMethods(stores), ...groupMemberMethods(stores), ...otherMethods(stores) }
}

/** For the usage audit (`instance_usage_audit`). */
function usageMethods({ instances, taskLogs }: CellStores): MethodTable {
  return {
    'InstanceList._get_active_by_window_joined': onClass(async (ctx, args) => {
      args.refuse('limit', 'marker')
      const end = args.textOrNull('end')
      const window = {
        begin: new Date(args.text('begin')),
        end: end === null ? null : new Date(end),
        projectId: args.textOrNull('project_id'),
        host: args.textOrNull('host'),
      }
      return InstanceList.objStored({ objects: await instances.listActiveByWindow(ctx, window, attributesOf(args) ?? []) })
    }),
    'TaskLog.get': onClass((ctx, args) => taskLogs.get(ctx, { ...periodOf(args), host: args.text('host') }, args.textOrNull('state'))),
    'TaskLog.begin_task': onObject(TaskLog, (ctx, task) => taskLogs.begin(ctx, task)),
    'TaskLog.end_task': onObject(TaskLog, (ctx, task) => taskLogs.end(ctx, task)),
    'TaskLogList.get_all': onClass(async (ctx, args) => {
      const key = { ...periodOf(args), host: args.textOrNull('host') }
      return TaskLogList.objStored({ objects: await taskLogs.list(ctx, key, args.textOrNull('state')) })
    }),
  }
}

/** Python's `serialize_args` makes ISO texts of the two times. */
function periodOf(args: MethodArguments) {
  return { taskName: args.text('task_name'), begin: new Date(args.text('period_beginning')), end: new Date(args.text('period_ending')) }
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

function otherMethods({ blockDeviceMappings, computeNodes, instances }: CellStores): MethodTable {
  return {
    'BlockDeviceMapping.update_or_create': onObject(BlockDeviceMapping, (ctx, mapping) => blockDeviceMappings.updateOrCreate(ctx, mapping)),
    'ComputeNodeList.get_all_by_uuids': onClass(async (ctx, args) =>
      ComputeNodeList.objStored({ objects: await computeNodes.listByUuids(ctx, args.texts('compute_uuids')) }),
    ),
    'InstanceList.get_uuids_by_host': onClass((ctx, args) => instances.listUuidsByHost(ctx, args.text('host'))),
    'InstanceList.get_uuids_by_host_and_node': onClass((ctx, args) => instances.listUuidsByHost(ctx, args.text('host'), args.text('node'))),
    'InstanceList.get_counts': onClass(async (ctx, args) => {
      const { project, user } = await instances.usageOfProject(ctx, args.text('project_id'), args.textOrNull('user_id'))
      return user === null ? { project } : { project, user }
    }),
  }
}
