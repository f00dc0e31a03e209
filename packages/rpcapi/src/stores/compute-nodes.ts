import { ComputeNode, ComputeNodeList, type ComputeNodeStore } from '@micronova/model'
import type { RemoteObjects } from './remote-objects.js'

export function remoteComputeNodes(remote: RemoteObjects): ComputeNodeStore {
  return {
    getByHostAndNode: (ctx, host, node) => remote.classMethod(ctx, ComputeNode, 'get_by_host_and_nodename', [host, node]),
    async listByHost(ctx, host) {
      const found = await remote.classMethod<ComputeNodeList>(ctx, ComputeNodeList, 'get_all_by_host', [host], { use_slave: true })
      return found.objects
    },
    create: (ctx, node) => remote.method(ctx, node, 'create'),
    save: (ctx, node) => remote.method(ctx, node, 'save'),
    destroy: (ctx, node) => remote.method(ctx, node, 'destroy'),
  }
}
