import {
  ConsoleAuthToken,
  type ConsoleAuthTokenStore,
  type InfoCacheStore,
  type InstanceFaultStore,
  InstanceInfoCache,
  Migration,
  MigrationList,
  type MigrationStore,
  PciDeviceList,
  type PciDeviceStore,
  TaskLog,
  type TaskLogStore,
  VirtualInterface,
  VirtualInterfaceList,
  type VirtualInterfaceStore,
  type VolumeUsageStore,
} from '@micronova/model'
import { type RemoteObjects, wholeSeconds } from './remote-objects.js'

export function remoteInfoCaches(remote: RemoteObjects): InfoCacheStore {
  return {
    getByInstanceUuid: (ctx, instanceUuid) => remote.classMethod(ctx, InstanceInfoCache, 'get_by_instance_uuid', [instanceUuid]),
    save: (ctx, cache) => remote.method(ctx, cache, 'save'),
    refresh: (ctx, cache) => remote.method(ctx, cache, 'refresh'),
  }
}

export function remoteInstanceFaults(remote: RemoteObjects): InstanceFaultStore {
  return { create: (ctx, fault) => remote.method(ctx, fault, 'create') }
}

export function remoteMigrations(remote: RemoteObjects): MigrationStore {
  return {
    async listByFilters(ctx, filters) {
      return (await remote.classMethod<MigrationList>(ctx, MigrationList, 'get_by_filters', [filters])).objects
    },
    async listInProgressAndError(ctx, host, node) {
      return (await remote.classMethod<MigrationList>(ctx, MigrationList, 'get_in_progress_and_error', [host, node])).objects
    },
    async listUnconfirmed(ctx, windowSeconds, destCompute, options = {}) {
      const kwargs = options.replica ? { use_slave: true } : {}
      const args = [windowSeconds, destCompute]
      return (await remote.classMethod<MigrationList>(ctx, MigrationList, 'get_unconfirmed_by_dest_compute', args, kwargs)).objects
    },
    getByIdAndInstance: (ctx, id, instanceUuid) => remote.classMethod(ctx, Migration, 'get_by_id_and_instance', [id, instanceUuid]),
    create: (ctx, migration) => remote.method(ctx, migration, 'create'),
    save: (ctx, migration) => remote.method(ctx, migration, 'save'),
  }
}

export function remoteVirtualInterfaces(remote: RemoteObjects): VirtualInterfaceStore {
  return {
    async listByInstanceUuid(ctx, instanceUuid) {
      return (await remote.classMethod<VirtualInterfaceList>(ctx, VirtualInterfaceList, 'get_by_instance_uuid', [instanceUuid])).objects
    },
    create: (ctx, vif) => remote.method(ctx, vif, 'create'),
    save: (ctx, vif) => remote.method(ctx, vif, 'save'),
    destroy: (ctx, vif) => remote.method(ctx, vif, 'destroy'),
    deleteByInstanceUuid: (ctx, instanceUuid) => remote.classMethod(ctx, VirtualInterface, 'delete_by_instance_uuid', [instanceUuid]),
  }
}

export function remotePciDevices(remote: RemoteObjects): PciDeviceStore {
  return {
    async listByComputeNode(ctx, computeNodeId) {
      return (await remote.classMethod<PciDeviceList>(ctx, PciDeviceList, 'get_by_compute_node', [computeNodeId])).objects
    },
  }
}

export function remoteConsoleAuthTokens(remote: RemoteObjects): ConsoleAuthTokenStore {
  return {
    authorize: (ctx, token, ttlSeconds) => remote.method<string>(ctx, token, 'authorize', [ttlSeconds]),
    cleanForInstance: (ctx, instanceUuid) => remote.classMethod(ctx, ConsoleAuthToken, 'clean_console_auths_for_instance', [instanceUuid]),
    cleanExpiredForHost: (ctx, host) => remote.classMethod(ctx, ConsoleAuthToken, 'clean_expired_console_auths_for_host', [host]),
  }
}

export function remoteVolumeUsages(remote: RemoteObjects): VolumeUsageStore {
  return {
    save: (ctx, usage, { ends = false } = {}) => remote.method(ctx, usage, 'save', [], ends ? { update_totals: true } : {}),
  }
}

export function remoteTaskLogs(remote: RemoteObjects): TaskLogStore {
  return {
    get(ctx, { taskName, begin, end, host }, state) {
      const kwargs = state === undefined || state === null ? {} : { state }
      return remote.classMethod(ctx, TaskLog, 'get', [taskName, wholeSeconds(begin), wholeSeconds(end), host], kwargs)
    },
    begin: (ctx, task) => remote.method(ctx, task, 'begin_task'),
    end: (ctx, task) => remote.method(ctx, task, 'end_task'),
  }
}
