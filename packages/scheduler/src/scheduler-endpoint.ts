import { type Endpoint, PythonError } from '@micronova/messaging'
import { Aggregate, AggregateList, InstanceList, isNovaError, type RequestContext, RequestSpec } from '@micronova/model'
import type { SchedulerNotifications } from '@micronova/notifications'
import type { Scheduler } from './scheduler.js'

/**
 * SchedulerAPI 4.5.
 *
 * @see nova 26.2.2, `scheduler/manager.py`, `SchedulerManager`
 */
export function schedulerEndpoint(
  scheduler: Scheduler,
  notifications: Pick<SchedulerNotifications, 'selectDestinations'>,
): Endpoint<RequestContext> {
  return {
    target: { version: '4.5' },
    methods: {
      select_destinations: {
        parameters: [
          { name: 'request_spec', default: null },
          { name: 'filter_properties', default: null },
          { name: 'spec_obj', default: null },
          { name: 'instance_uuids', default: null },
          { name: 'return_objects', default: false },
          { name: 'return_alternates', default: false },
        ],
        isExpected: (err) => isNovaError(err, 'NoValidHost'),
        async run(ctx, args, signal) {
          const spec = specOf(args.spec_obj)
          await notifications.selectDestinations(ctx, spec, 'start')
          const selections = await scheduler.selectDestinations(
            ctx,
            {
              spec,
              instanceUuids: args.instance_uuids === null ? null : textsOf(args.instance_uuids, 'instance_uuids'),
              returnObjects: args.return_objects === true,
              returnAlternates: args.return_alternates === true,
            },
            signal,
          )
          await notifications.selectDestinations(ctx, spec, 'end')
          return selections
        },
      },
      update_aggregates: {
        parameters: [{ name: 'aggregates' }],
        run: async (_ctx, { aggregates }) => scheduler.updateAggregates(aggregatesOf(aggregates)),
      },
      delete_aggregate: {
        parameters: [{ name: 'aggregate' }],
        run: async (_ctx, { aggregate }) => scheduler.deleteAggregate(aggregateOf(aggregate)),
      },
      update_instance_info: {
        parameters: [{ name: 'host_name' }, { name: 'instance_info' }],
        run: (ctx, { host_name, instance_info }) =>
          scheduler.updateInstanceInfo(ctx, textOf(host_name, 'host_name'), uuidsOf(instance_info)),
      },
      delete_instance_info: {
        parameters: [{ name: 'host_name' }, { name: 'instance_uuid' }],
        run: (ctx, { host_name, instance_uuid }) =>
          scheduler.deleteInstanceInfo(ctx, textOf(host_name, 'host_name'), textOf(instance_uuid, 'instance_uuid')),
      },
      sync_instance_info: {
        parameters: [{ name: 'host_name' }, { name: 'instance_uuids' }],
        run: (ctx, { host_name, instance_uuids }) =>
          scheduler.syncInstanceInfo(ctx, textOf(host_name, 'host_name'), textsOf(instance_uuids, 'instance_uuids')),
      },
    },
  }
}

/** Callers of before Mitaka send dicts instead; none of them can be in one cloud with a Zed compute. */
function specOf(value: unknown): RequestSpec {
  if (value instanceof RequestSpec) return value
  throw new PythonError('TypeError', "argument 'spec_obj' must be a RequestSpec")
}

function aggregatesOf(value: unknown): readonly Aggregate[] {
  if (value instanceof AggregateList) return value.objects
  return (Array.isArray(value) ? value : [value]).map(aggregateOf)
}

function aggregateOf(value: unknown): Aggregate {
  if (value instanceof Aggregate) return value
  throw new PythonError('TypeError', 'an Aggregate is needed')
}

function uuidsOf(value: unknown): readonly string[] {
  if (value instanceof InstanceList) return value.objects.map(({ uuid }) => uuid)
  throw new PythonError('TypeError', "argument 'instance_info' must be an InstanceList")
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw new PythonError('TypeError', `argument '${name}' must be str`)
}

function textsOf(value: unknown, name: string): readonly string[] {
  if (Array.isArray(value) && value.every((item): item is string => typeof item === 'string')) return value
  throw new PythonError('TypeError', `argument '${name}' must be a list of str`)
}
