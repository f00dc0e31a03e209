import { type RequestContext, Service, type Stores } from '@micronova/model'
import type { ServiceRecords } from '@micronova/service'

/** The table `services` as a service's own start and heartbeat want it, over the stores. */
export function serviceRecords({ services }: Pick<Stores, 'services'>, adminContext: () => RequestContext): ServiceRecords {
  return {
    find: (host, binary) => services.getByHostAndBinary(adminContext(), host, binary),
    async create(record) {
      const service = new Service({ ...record })
      await services.create(adminContext(), service)
      return service
    },
    async save(record) {
      if (!(record instanceof Service)) throw new TypeError('this is no row of the table services')
      await services.save(adminContext(), record)
    },
  }
}
