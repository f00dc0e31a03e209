import type { EndpointFilter } from './catalogue.js'
import type { AdapterSection } from './options.js'

/** Which address of the catalogue the options of a service ask for. */
export function endpointFilter(adapter: AdapterSection): EndpointFilter {
  const { service_type: serviceType, service_name: serviceName, valid_interfaces: interfaces, region_name: region } = adapter
  return { serviceType, serviceName, interfaces, region }
}
