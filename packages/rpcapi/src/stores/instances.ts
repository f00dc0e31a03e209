import { Instance, type InstanceAttribute, InstanceList, type InstanceStore, type SaveInstanceOptions } from '@micronova/model'
import { loadInstanceAttributes } from './load-instance-attributes.js'
import { type RemoteObjects, wholeSeconds } from './remote-objects.js'

export function remoteInstances(remote: RemoteObjects): InstanceStore {
  return {
    getByUuid: (ctx, uuid, attributes) => remote.classMethod(ctx, Instance, 'get_by_uuid', [uuid], expected(attributes)),
    async listByHost(ctx, host, attributes, options = {}) {
      const kwargs = { ...expected(attributes), ...(options.replica ? { use_slave: true } : {}) }
      return (await remote.classMethod<InstanceList>(ctx, InstanceList, 'get_by_host', [host], kwargs)).objects
    },
    async listByHostAndNode(ctx, host, node, attributes) {
      return (await remote.classMethod<InstanceList>(ctx, InstanceList, 'get_by_host_and_node', [host, node], expected(attributes))).objects
    },
    async listByFilters(ctx, filters, attributes, options = {}) {
      const kwargs = { ...expected(attributes), ...(options.replica ? { use_slave: true } : {}) }
      return (await remote.classMethod<InstanceList>(ctx, InstanceList, 'get_by_filters', [filters], kwargs)).objects
    },
    async listActiveByWindow(ctx, { begin, end = null, projectId = null, host = null }, attributes = []) {
      const args = [wholeSeconds(begin), end === null ? null : wholeSeconds(end), projectId, host, attributes]
      const kwargs = { use_slave: true, limit: null, marker: null }
      return (await remote.classMethod<InstanceList>(ctx, InstanceList, '_get_active_by_window_joined', args, kwargs)).objects
    },
    create: (ctx, instance) => remote.method(ctx, instance, 'create'),
    save: (ctx, instance, options) => remote.method(ctx, instance, 'save', [], saveConditions(options)),
    destroy: (ctx, instance) => remote.method(ctx, instance, 'destroy'),
    refresh: (ctx, instance, options = {}) => remote.method(ctx, instance, 'refresh', [], options.replica ? { use_slave: true } : {}),
    load: (ctx, instance, attributes) => loadInstanceAttributes(remote, ctx, instance, attributes),
    dropMigrationContext: (ctx, instance) => remote.method(ctx, instance, 'drop_migration_context'),
  }
}

function expected(attributes: readonly InstanceAttribute[] | undefined) {
  return attributes === undefined ? {} : { expected_attrs: attributes }
}

function saveConditions({ expectedVmState, expectedTaskState, adminStateReset }: SaveInstanceOptions = {}) {
  return {
    ...(expectedVmState === undefined ? {} : { expected_vm_state: expectedVmState }),
    ...(expectedTaskState === undefined ? {} : { expected_task_state: expectedTaskState }),
    ...(adminStateReset ? { admin_state_reset: true } : {}),
  }
}
