import { InstanceAction, InstanceActionEvent, type InstanceActionStore } from '@micronova/model'
import type { RemoteObjects } from './remote-objects.js'

/** The action is found by the request id of the context, on the other side. */
export function remoteInstanceActions(remote: RemoteObjects): InstanceActionStore {
  return {
    start: (ctx, instanceUuid, action) =>
      remote.classMethod(ctx, InstanceAction, 'action_start', [instanceUuid, action], { want_result: false }),
    startEvent: (ctx, instanceUuid, event, host) =>
      remote.classMethod(ctx, InstanceActionEvent, 'event_start', [instanceUuid, event], { want_result: false, host }),
    finishEvent: (ctx, instanceUuid, event, failure) =>
      remote.classMethod(ctx, InstanceActionEvent, 'event_finish_with_failure', [instanceUuid, event], {
        exc_val: failure?.message ?? null,
        exc_tb: failure?.traceback ?? null,
        want_result: false,
      }),
  }
}
