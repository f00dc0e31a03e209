import type { Stores } from '@micronova/model'
import type { ObjectRegistry } from '@micronova/versionedobjects'
import type { ConductorApi } from '../apis.js'
import { remoteBlockDeviceMappings } from './block-device-mappings.js'
import { remoteComputeNodes } from './compute-nodes.js'
import { remoteInstanceActions } from './instance-actions.js'
import { remoteInstances } from './instances.js'
import { RemoteObjects } from './remote-objects.js'
import {
  remoteConsoleAuthTokens,
  remoteInfoCaches,
  remoteInstanceFaults,
  remoteMigrations,
  remotePciDevices,
  remoteTaskLogs,
  remoteVirtualInterfaces,
  remoteVolumeUsages,
} from './satellites.js'
import { remoteServices } from './services.js'

/**
 * The stores of a service that has no database: each method is one call of the conductor, with the message that a Python
 * nova-compute sends. Failures are the conductor's, rebuilt by the catalogue of the transport.
 *
 * @param registry of the serializer that `conductor` uses
 */
export function createConductorStores(conductor: ConductorApi, registry: ObjectRegistry): Stores {
  const remote = new RemoteObjects(conductor, registry)
  return {
    services: remoteServices(remote),
    computeNodes: remoteComputeNodes(remote),
    instances: remoteInstances(remote),
    infoCaches: remoteInfoCaches(remote),
    blockDeviceMappings: remoteBlockDeviceMappings(remote),
    actions: remoteInstanceActions(remote),
    faults: remoteInstanceFaults(remote),
    migrations: remoteMigrations(remote),
    virtualInterfaces: remoteVirtualInterfaces(remote),
    pciDevices: remotePciDevices(remote),
    consoleAuthTokens: remoteConsoleAuthTokens(remote),
    volumeUsages: remoteVolumeUsages(remote),
    taskLogs: remoteTaskLogs(remote),
  }
}
