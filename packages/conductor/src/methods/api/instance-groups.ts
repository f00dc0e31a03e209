import { type ApiStores, InstanceGroup, InstanceGroupList } from '@micronova/model'
import { type MethodTable, onClass, onObject } from '../../dispatch/method-table.js'

export function instanceGroupMethods({ instanceGroups: groups }: Pick<ApiStores, 'instanceGroups'>): MethodTable {
  return {
    'InstanceGroup.get_by_uuid': onClass((ctx, args) => groups.getByUuid(ctx, args.text('uuid'))),
    'InstanceGroup.get_by_name': onClass((ctx, args) => groups.getByName(ctx, args.text('name'))),
    'InstanceGroup.get_by_instance_uuid': onClass((ctx, args) => groups.getByInstanceUuid(ctx, args.text('instance_uuid'))),
    'InstanceGroup.create': onObject(InstanceGroup, (ctx, group) => groups.create(ctx, group)),
    'InstanceGroup.save': onObject(InstanceGroup, (ctx, group) => groups.save(ctx, group)),
    'InstanceGroup.destroy': onObject(InstanceGroup, (ctx, group) => groups.destroy(ctx, group)),
    'InstanceGroup.refresh': onObject(InstanceGroup, async (ctx, group) => {
      group.objSetStored((await groups.getByUuid(ctx, group.uuid)).objGetSet())
      group.objResetChanges()
    }),
    'InstanceGroup.add_members': onClass((ctx, args) => groups.addMembers(ctx, args.text('group_uuid'), args.texts('instance_uuids'))),
    'InstanceGroupList.get_all': onClass(async (ctx) => InstanceGroupList.objStored({ objects: await groups.list(ctx) })),
    'InstanceGroupList.get_by_project_id': onClass(async (ctx, args) =>
      InstanceGroupList.objStored({ objects: await groups.list(ctx, { projectId: args.text('project_id') }) }),
    ),
    'InstanceGroupList.get_counts': onClass((ctx, args) => groups.counts(ctx, args.text('project_id'), args.textOrNull('user_id'))),
  }
}
