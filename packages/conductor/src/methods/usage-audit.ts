import { InstanceList, type Stores, TaskLog } from '@micronova/model'
import type { MethodArguments } from '../dispatch/arguments.js'
import { type MethodTable, onClass, onObject } from '../dispatch/method-table.js'
import { attributesOf } from './instances.js'

/** For the usage audit (`instance_usage_audit`). */
export function usageAuditMethods({ instances, taskLogs }: Pick<Stores, 'instances' | 'taskLogs'>): MethodTable {
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
  }
}

/** Python's `serialize_args` makes ISO texts of the two times. */
export function periodOf(args: MethodArguments) {
  return { taskName: args.text('task_name'), begin: new Date(args.text('period_beginning')), end: new Date(args.text('period_ending')) }
}
