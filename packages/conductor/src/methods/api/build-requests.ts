import { type ApiStores, BuildRequest, BuildRequestList, RequestSpec } from '@micronova/model'
import { type MethodTable, onClass, onObject } from '../../dispatch/method-table.js'

export function buildRequestMethods({ buildRequests, requestSpecs }: Pick<ApiStores, 'buildRequests' | 'requestSpecs'>): MethodTable {
  return {
    'BuildRequest.get_by_instance_uuid': onClass((ctx, args) => buildRequests.getByInstanceUuid(ctx, args.text('instance_uuid'))),
    'BuildRequest.create': onObject(BuildRequest, (ctx, request) => buildRequests.create(ctx, request)),
    'BuildRequest.save': onObject(BuildRequest, (ctx, request) => buildRequests.save(ctx, request)),
    'BuildRequest.destroy': onObject(BuildRequest, (ctx, request) => buildRequests.destroy(ctx, request.instance_uuid)),
    'BuildRequestList.get_all': onClass(async (ctx) => BuildRequestList.objStored({ objects: await buildRequests.list(ctx) })),
    'RequestSpec.get_by_instance_uuid': onClass((ctx, args) => requestSpecs.getByInstanceUuid(ctx, args.text('instance_uuid'))),
    'RequestSpec.create': onObject(RequestSpec, (ctx, spec) => requestSpecs.create(ctx, spec)),
    'RequestSpec.save': onObject(RequestSpec, (ctx, spec) => requestSpecs.save(ctx, spec)),
    'RequestSpec.destroy': onObject(RequestSpec, (ctx, spec) => requestSpecs.destroy(ctx, spec.instance_uuid)),
  }
}
