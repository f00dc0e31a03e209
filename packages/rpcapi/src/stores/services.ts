import { type RequestContext, Service, ServiceList, type ServiceStore } from '@micronova/model'
import type { RemoteObjects } from './remote-objects.js'

export function remoteServices(remote: RemoteObjects): ServiceStore {
  const listOf = async (ctx: RequestContext, method: string, ...args: readonly unknown[]): Promise<Service[]> =>
    (await remote.classMethod<ServiceList>(ctx, ServiceList, method, args)).objects
  return {
    getByHostAndBinary: (ctx, host, binary) => remote.classMethod(ctx, Service, 'get_by_host_and_binary', [host, binary]),
    getByComputeHost: (ctx, host) => remote.classMethod(ctx, Service, 'get_by_compute_host', [host]),
    getMinimumVersion: (ctx, binary) => remote.classMethod(ctx, Service, 'get_minimum_version', [binary]),
    /** One criterion goes over the wire, the others are applied here. */
    async list(ctx, filter = {}) {
      const { host, topic, binary } = filter
      const found = host
        ? await listOf(ctx, 'get_by_host', host)
        : topic
          ? await listOf(ctx, 'get_by_topic', topic)
          : await listOf(ctx, 'get_all')
      return found.filter(
        (service) => (topic === undefined || service.topic === topic) && (binary === undefined || service.binary === binary),
      )
    },
    create: (ctx, service) => remote.method(ctx, service, 'create'),
    save: (ctx, service) => remote.method(ctx, service, 'save'),
    destroy: (ctx, service) => remote.method(ctx, service, 'destroy'),
  }
}
