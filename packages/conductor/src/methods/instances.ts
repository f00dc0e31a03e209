import { PythonError } from '@micronova/messaging'
import {
  Instance,
  type InstanceAttribute,
  InstanceList,
  instanceAttributes,
  type ReadOptions,
  type SaveInstanceOptions,
  type Stores,
  type VmState,
} from '@micronova/model'
import type { MethodArguments } from '../dispatch/arguments.js'
import { type MethodTable, onClass, onObject } from '../dispatch/method-table.js'

export function instanceMethods({ instances }: Pick<Stores, 'instances'>): MethodTable {
  return {
    'Instance.get_by_uuid': onClass((ctx, args) => instances.getByUuid(ctx, args.text('uuid'), attributesOf(args))),
    'Instance.create': onObject(Instance, (ctx, instance) => instances.create(ctx, instance)),
    'Instance.save': onObject(Instance, (ctx, instance, args) => instances.save(ctx, instance, saveConditions(args))),
    'Instance.refresh': onObject(Instance, (ctx, instance, args) => instances.refresh(ctx, instance, readOptions(args))),
    'Instance.destroy': onObject(Instance, async (ctx, instance, args) => {
      args.refuse('hard_delete')
      await instances.destroy(ctx, instance)
    }),
    'Instance.drop_migration_context': onObject(Instance, (ctx, instance) => instances.dropMigrationContext(ctx, instance)),
    'InstanceList.get_by_host': onClass(async (ctx, args) =>
      listOf(await instances.listByHost(ctx, args.text('host'), attributesOf(args) ?? [], readOptions(args))),
    ),
    'InstanceList.get_by_host_and_node': onClass(async (ctx, args) =>
      listOf(await instances.listByHostAndNode(ctx, args.text('host'), args.text('node'), attributesOf(args) ?? [])),
    ),
    'InstanceList.get_by_filters': onClass(async (ctx, args) => {
      args.refuse('limit', 'marker', 'sort_keys', 'sort_dirs')
      const found = await instances.listByFilters(ctx, args.dict('filters'), attributesOf(args) ?? [], readOptions(args))
      return listOf(sorted(found, args.text('sort_key'), args.text('sort_dir')))
    }),
    'InstanceList.get_uuids_by_host': onClass(async (ctx, args) => uuidsOf(await instances.listByHost(ctx, args.text('host'), []))),
    'InstanceList.get_uuids_by_host_and_node': onClass(async (ctx, args) =>
      uuidsOf(await instances.listByHostAndNode(ctx, args.text('host'), args.text('node'), [])),
    ),
  }
}

const known: ReadonlySet<string> = new Set(instanceAttributes)

/** `expected_attrs`. Other names in it are columns, which are read in any case: upstream's lazy loading asks so. */
export function attributesOf(args: MethodArguments): readonly InstanceAttribute[] | undefined {
  return args.textsOrNull('expected_attrs')?.filter((name): name is InstanceAttribute => known.has(name))
}

export function readOptions(args: MethodArguments): ReadOptions {
  return args.raw('use_slave') ? { replica: true } : {}
}

function saveConditions(args: MethodArguments): SaveInstanceOptions {
  const vmStates = oneOrMore(args.raw('expected_vm_state'))
  const taskStates = oneOrMore(args.raw('expected_task_state'))
  return {
    ...(vmStates ? { expectedVmState: vmStates as readonly (VmState | null)[] } : {}),
    ...(taskStates ? { expectedTaskState: taskStates as readonly (string | null)[] } : {}),
    ...(args.raw('admin_state_reset') ? { adminStateReset: true } : {}),
  }
}

/** A peer may name one state, or a list of them in which None stands for no state. */
function oneOrMore(value: unknown): readonly unknown[] | undefined {
  if (value === null) return undefined
  return Array.isArray(value) ? value : [value]
}

/** @throws PythonError `NotImplementedError` for another key than `created_at`, the default */
function sorted(instances: readonly Instance[], key: string, direction: string): Instance[] {
  if (key !== 'created_at') throw new PythonError('NotImplementedError', `sort_key '${key}' is not implemented by this conductor`)
  const sign = direction === 'asc' ? 1 : -1
  return [...instances].sort((a, b) => sign * (Number(a.created_at) - Number(b.created_at) || a.id - b.id))
}

function listOf(objects: Instance[]): InstanceList {
  return InstanceList.objStored({ objects })
}

function uuidsOf(instances: readonly Instance[]): string[] {
  return instances.map((instance) => instance.uuid)
}
