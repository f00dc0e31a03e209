import { ComputeNode, ComputeNodeList, type Stores } from '@micronova/model'
import { type MethodTable, onClass, onObject } from '../dispatch/method-table.js'

export function computeNodeMethods({ computeNodes }: Pick<Stores, 'computeNodes'>): MethodTable {
  return {
    'ComputeNode.get_by_host_and_nodename': onClass((ctx, args) =>
      computeNodes.getByHostAndNode(ctx, args.text('host'), args.text('nodename')),
    ),
    'ComputeNode.get_first_node_by_host_for_old_compat': onClass(
      async (ctx, args) => (await computeNodes.listByHost(ctx, args.text('host')))[0],
    ),
    'ComputeNode.create': onObject(ComputeNode, (ctx, node) => computeNodes.create(ctx, node)),
    'ComputeNode.save': onObject(ComputeNode, (ctx, node) => computeNodes.save(ctx, node)),
    'ComputeNode.destroy': onObject(ComputeNode, (ctx, node) => computeNodes.destroy(ctx, node)),
    'ComputeNodeList.get_all_by_host': onClass(async (ctx, args) =>
      ComputeNodeList.objStored({ objects: await computeNodes.listByHost(ctx, args.text('host')) }),
    ),
  }
}
