import type { Stores } from '@micronova/model'
import type { MethodArguments } from '../dispatch/arguments.js'
import { type MethodTable, onClass } from '../dispatch/method-table.js'

/** The records are written and not read back: a caller that wants the written one (`want_result`, no nova-compute does) is refused. */
export function instanceActionMethods({ actions }: Pick<Stores, 'actions'>): MethodTable {
  return {
    'InstanceAction.action_start': onClass(async (ctx, args) => {
      args.refuse('want_result')
      await actions.start(ctx, args.text('instance_uuid'), args.text('action_name'))
    }),
    'InstanceActionEvent.event_start': onClass(async (ctx, args) => {
      args.refuse('want_result')
      await actions.startEvent(ctx, args.text('instance_uuid'), args.text('event_name'), args.textOrNull('host') ?? '')
    }),
    'InstanceActionEvent.event_finish_with_failure': onClass(async (ctx, args) => {
      args.refuse('want_result')
      await actions.finishEvent(ctx, args.text('instance_uuid'), args.text('event_name'), failureOf(args))
    }),
    'InstanceActionEvent.event_finish': onClass(async (ctx, args) => {
      args.refuse('want_result')
      await actions.finishEvent(ctx, args.text('instance_uuid'), args.text('event_name'))
    }),
  }
}

/** It is the traceback that makes a failure. @see nova 26.2.2, `objects/instance_action.py`, `pack_action_event_finish` */
function failureOf(args: MethodArguments): { readonly message: string; readonly traceback: string } | undefined {
  const traceback = args.textOrNull('exc_tb')
  return traceback === null ? undefined : { message: args.textOrNull('exc_val') ?? '', traceback }
}
