import { type RequestContext, Service, type Stores } from '@micronova/model'
import type { ServiceRecords } from '@micronova/service'

/** The services table as a service wants it, over the stores. */
export function serviceRecords({ services }: Pick<Stores, 'services'>, adminContext: () => RequestContext): ServiceRecords {
  return {
    find: (host, binary) => services.getByHostAndBinary(adminContext(), host, binary),
    async create(record) {
      const service = new Service({ ...record })
      await services.create(adminContext(), service)
      return service
    },
    async save(record) {
      if (record instanceof Service) await services.save(adminContext(), record)
    },
  }
}
