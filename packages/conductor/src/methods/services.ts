import { novaError, Service, ServiceList, type ServiceStore, type Stores } from '@micronova/model'
import { type MethodTable, onClass, onObject } from '../dispatch/method-table.js'

export function serviceMethods({ services }: Pick<Stores, 'services'>): MethodTable {
  const listed = async (...args: Parameters<ServiceStore['list']>) => ServiceList.objStored({ objects: await services.list(...args) })
  return {
    'Service.get_by_host_and_binary': onClass((ctx, args) => services.getByHostAndBinary(ctx, args.text('host'), args.text('binary'))),
    'Service.get_by_args': onClass(async (ctx, args) => {
      const [host, binary] = [args.text('host'), args.text('binary')]
      const service = await services.getByHostAndBinary(ctx, host, binary)
      if (service === null) throw novaError('HostBinaryNotFound', { host, binary })
      return service
    }),
    'Service.get_by_host_and_topic': onClass(async (ctx, args) => {
      const found = await services.list(ctx, { host: args.text('host'), topic: args.text('topic') })
      return found.find((service) => !service.disabled) ?? null
    }),
    'Service.get_by_compute_host': onClass((ctx, args) => services.getByComputeHost(ctx, args.text('host'))),
    'Service.get_minimum_version': onClass((ctx, args) => services.getMinimumVersion(ctx, novaBinary(args.text('binary')))),
    'Service.get_minimum_version_multi': onClass(async (ctx, args) => {
      const versions = await Promise.all(args.texts('binaries').map((binary) => services.getMinimumVersion(ctx, novaBinary(binary))))
      return lowest(versions)
    }),
    'Service.create': onObject(Service, (ctx, service) => services.create(ctx, service)),
    'Service.save': onObject(Service, (ctx, service) => services.save(ctx, service)),
    'Service.destroy': onObject(Service, (ctx, service) => services.destroy(ctx, service)),
    'ServiceList.get_by_topic': onClass((ctx, args) => listed(ctx, { topic: args.text('topic') })),
    'ServiceList.get_by_host': onClass((ctx, args) => listed(ctx, { host: args.text('host') })),
    'ServiceList.get_by_binary': onClass(async (ctx, args) => {
      const found = await services.list(ctx, { binary: args.text('binary') })
      return ServiceList.objStored({ objects: args.raw('include_disabled') ? found : found.filter((service) => !service.disabled) })
    }),
    'ServiceList.get_all': onClass(async (ctx, args) => {
      const disabled = args.raw('disabled')
      const found = await services.list(ctx)
      return ServiceList.objStored({ objects: found.filter((service) => disabled === null || service.disabled === Boolean(disabled)) })
    }),
  }
}

/** @see nova 26.2.2, `objects/service.py`, `get_minimum_version_multi` */
function novaBinary(binary: string): string {
  if (!binary.startsWith('nova-')) throw novaError('ObjectActionError', { action: 'get_minimum_version', reason: 'Invalid binary prefix' })
  return binary
}

/** Of binaries without a service, whose version is 0, nothing is said unless there is no other. */
function lowest(versions: readonly number[]): number {
  const known = versions.filter((version) => version > 0)
  return known.length === 0 ? 0 : Math.min(...known)
}
