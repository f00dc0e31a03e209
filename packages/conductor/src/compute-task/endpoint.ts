import { type Endpoint, type Parameter, PythonError, type RemoteMethod } from '@micronova/messaging'
import {
  Aggregate,
  BlockDeviceMappingList,
  BuildRequest,
  Flavor,
  Instance,
  Migration,
  NetworkRequestList,
  type RequestContext,
  RequestSpec,
  Selection,
  TagList,
} from '@micronova/model'
import type { CellScope, ComputeTaskDeps, Deployment } from './compute-task-deps.js'
import { confirmResize } from './cross-cell/confirm-resize.js'
import { revertResize } from './cross-cell/revert-resize.js'
import type { FilterProperties } from './filter-properties.js'
import { asEvent, scopeOf } from './scope.js'
import { TaskArguments } from './task-arguments.js'
import { buildInstances } from './tasks/build-instances.js'
import { cacheImages } from './tasks/cache-images.js'
import { coldMigrate, isExpectedOfMigration } from './tasks/cold-migrate.js'
import { liveMigrate } from './tasks/live-migrate.js'
import { rebuildInstance } from './tasks/rebuild-instance.js'
import { scheduleAndBuildInstances } from './tasks/schedule-and-build-instances.js'
import { unshelveInstance } from './tasks/unshelve-instance.js'

type Task = (ctx: RequestContext, args: TaskArguments) => Promise<void>
type CellTask = (scope: CellScope, ctx: RequestContext, instance: Instance, args: TaskArguments) => Promise<void>

/**
 * The namespace `compute_task`: work that spans hosts, or needs what is above the cells.
 *
 * @see nova 26.2.2, `conductor/manager.py`, `ComputeTaskManager`
 */
export function computeTasks(deps: ComputeTaskDeps): Endpoint<RequestContext> {
  const { deployment } = deps
  const above = (task: (deployment: Deployment, ctx: RequestContext, args: TaskArguments) => Promise<void>): Task => {
    return async (ctx, args) => {
      if (deployment === null) throw new PythonError('NotImplementedError', 'this conductor has no [api_database] connection')
      await task(deployment, ctx, args)
    }
  }
  const inCell = (task: CellTask): Task => {
    return async (ctx, args) => {
      const instance = args.object(Instance, 'instance')
      await task(await scopeOf(deps, ctx, instance), ctx, instance, args)
    }
  }
  /** The same as the event `conductor_<method>` of the action. */
  const event = (method: string, task: CellTask): Task =>
    inCell((scope, ctx, instance, args) =>
      asEvent(deps, scope, ctx, instance.uuid, `conductor_${method}`, () => task(scope, ctx, instance, args)),
    )

  const decision = (method: string, task: typeof confirmResize): Task =>
    above((deployment, ctx, args) =>
      event(method, (scope, _ctx, instance) =>
        task(deps, deployment, scope, ctx, { instance, migration: args.object(Migration, 'migration') }),
      )(ctx, args),
    )

  const methods: Readonly<Record<string, RemoteMethod<RequestContext>>> = {
    schedule_and_build_instances: method(
      [
        'build_requests',
        'request_specs',
        'image',
        'admin_password',
        'injected_files',
        'requested_networks',
        'block_device_mapping',
        ['tags', null],
      ],
      above((deployment, ctx, args) => scheduleAndBuildInstances(deps, deployment, ctx, buildOrder(args))),
    ),
    build_instances: method(
      [
        ...['instances', 'image', 'filter_properties', 'admin_password', 'injected_files', 'requested_networks', 'security_groups'],
        ...([
          ['block_device_mapping', null],
          ['legacy_bdm', true],
          ['request_spec', null],
          ['host_lists', null],
        ] as const),
      ],
      (ctx, args) => buildInstances(deps, ctx, reschedule(args)),
    ),
    migrate_server: method(
      [
        ...['instance', 'scheduler_hint', 'live', 'rebuild', 'flavor', 'block_migration', 'disk_over_commit'],
        ...([
          ['reservations', null],
          ['clean_shutdown', true],
          ['request_spec', null],
          ['host_list', null],
        ] as const),
      ],
      event('migrate_server', (scope, ctx, instance, args) => migrateServer(deps, scope, ctx, instance, args)),
      isExpectedOfMigration,
    ),
    live_migrate_instance: method(
      ['instance', 'scheduler_hint', 'block_migration', 'disk_over_commit', 'request_spec'],
      event('live_migrate_instance', (scope, ctx, instance, args) => liveMigrate(deps, scope, ctx, liveMigration(instance, args))),
    ),
    unshelve_instance: method(
      ['instance', ['request_spec', null]],
      inCell((scope, ctx, instance, args) =>
        unshelveInstance(deps, scope, ctx, instance, args.optionalObject(RequestSpec, 'request_spec')),
      ),
    ),
    rebuild_instance: method(
      [
        ...[
          'instance',
          'orig_image_ref',
          'image_ref',
          'injected_files',
          'new_pass',
          'orig_sys_metadata',
          'bdms',
          'recreate',
          'on_shared_storage',
        ],
        ...([
          ['preserve_ephemeral', false],
          ['host', null],
          ['request_spec', null],
          ['reimage_boot_volume', false],
        ] as const),
      ],
      inCell((scope, ctx, instance, args) => rebuildInstance(deps, scope, ctx, rebuild(instance, args))),
    ),
    cache_images: method(
      ['aggregate', 'image_ids'],
      above((deployment, ctx, args) => cacheImages(deps, deployment, ctx, args.object(Aggregate, 'aggregate'), args.texts('image_ids'))),
    ),
    confirm_snapshot_based_resize: method(['instance', 'migration'], decision('confirm_snapshot_based_resize', confirmResize)),
    revert_snapshot_based_resize: method(['instance', 'migration'], decision('revert_snapshot_based_resize', revertResize)),
  }
  return { target: { namespace: 'compute_task', version: '1.24' }, methods }
}

type ParameterOf = string | readonly [name: string, standard: null | boolean]

function method(parameters: readonly ParameterOf[], task: Task, isExpected?: (err: unknown) => boolean): RemoteMethod<RequestContext> {
  return {
    parameters: parameters.map((of): Parameter => (typeof of === 'string' ? { name: of } : { name: of[0], default: of[1] })),
    ...(isExpected === undefined ? {} : { isExpected }),
    run: (ctx, args) => task(ctx, new TaskArguments(args)),
  }
}

function buildOrder(args: TaskArguments): Parameters<typeof scheduleAndBuildInstances>[3] {
  return {
    buildRequests: args.objects(BuildRequest, 'build_requests'),
    requestSpecs: args.objects(RequestSpec, 'request_specs'),
    image: args.dict('image'),
    adminPassword: args.text('admin_password'),
    injectedFiles: args.list('injected_files'),
    requestedNetworks: args.optionalObject(NetworkRequestList, 'requested_networks'),
    blockDeviceMapping: args.optionalObject(BlockDeviceMappingList, 'block_device_mapping'),
    tags: args.optionalObject(TagList, 'tags'),
  }
}

function reschedule(args: TaskArguments): Parameters<typeof buildInstances>[2] {
  return {
    instances: args.objects(Instance, 'instances'),
    image: args.dict('image'),
    filterProperties: { ...args.dict('filter_properties') } as FilterProperties,
    adminPassword: args.text('admin_password'),
    injectedFiles: args.list('injected_files'),
    requestedNetworks: args.optionalObject(NetworkRequestList, 'requested_networks'),
    securityGroups: args.texts('security_groups'),
    requestSpec: args.optionalObject(RequestSpec, 'request_spec'),
    hostLists: args.has('host_lists')
      ? args.list('host_lists').map((hosts) => new TaskArguments({ hosts }).objects(Selection, 'hosts'))
      : null,
  }
}

async function migrateServer(
  deps: ComputeTaskDeps,
  scope: CellScope,
  ctx: RequestContext,
  instance: Instance,
  args: TaskArguments,
): Promise<void> {
  const flavor = args.optionalObject(Flavor, 'flavor')
  const isLive = args.flag('live') === true
  if (isLive && !args.flag('rebuild') && flavor === null) return liveMigrate(deps, scope, ctx, liveMigration(instance, args))
  if (isLive || args.flag('rebuild') || flavor === null) throw new PythonError('NotImplementedError', 'migrate_server with these arguments')
  const hint = args.dict('scheduler_hint')
  return asEvent(deps, scope, ctx, instance.uuid, 'cold_migrate', () =>
    coldMigrate(deps, scope, ctx, {
      instance,
      flavor,
      cleanShutdown: args.flag('clean_shutdown') ?? true,
      requestSpec: args.optionalObject(RequestSpec, 'request_spec'),
      filterProperties: { ...new TaskArguments(hint).dict('filter_properties') } as FilterProperties,
      hostList: args.has('host_list') ? args.objects(Selection, 'host_list') : null,
    }),
  )
}

function liveMigration(instance: Instance, args: TaskArguments): Parameters<typeof liveMigrate>[3] {
  return {
    instance,
    destination: new TaskArguments(args.dict('scheduler_hint')).text('host'),
    blockMigration: args.flag('block_migration'),
    diskOverCommit: args.flag('disk_over_commit'),
    requestSpec: args.optionalObject(RequestSpec, 'request_spec'),
  }
}

function rebuild(instance: Instance, args: TaskArguments): Parameters<typeof rebuildInstance>[3] {
  return {
    instance,
    origImageRef: args.text('orig_image_ref') ?? '',
    imageRef: args.text('image_ref') ?? '',
    injectedFiles: args.list('injected_files'),
    newPass: args.text('new_pass'),
    origSysMetadata: args.has('orig_sys_metadata') ? args.dict('orig_sys_metadata') : null,
    bdms: args.optionalObject(BlockDeviceMappingList, 'bdms'),
    evacuate: args.flag('recreate') === true,
    onSharedStorage: args.flag('on_shared_storage'),
    preserveEphemeral: args.flag('preserve_ephemeral') === true,
    host: args.text('host'),
    requestSpec: args.optionalObject(RequestSpec, 'request_spec'),
    reimageBootVolume: args.flag('reimage_boot_volume') === true,
  }
}
