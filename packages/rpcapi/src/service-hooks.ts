import type { Endpoint } from '@micronova/messaging'
import type { RequestContext } from '@micronova/model'
import type { PeriodicTask } from '@micronova/service'

type Endpoints = readonly Endpoint<RequestContext>[]
type Tasks = readonly PeriodicTask[]

/** What the program that runs a service puts around what the service offers and repeats. Asked once, when the service is made. */
export interface ServiceHooks {
  /** Where the console of this process listens, for `baseapi`: a port, or the path of a socket; null: nowhere. */
  readonly backdoorPort: number | string | null
  /** The endpoints of a manager, in the form in which they are served. */
  wrapEndpoints(endpoints: Endpoints): Endpoints
  wrapPeriodicTasks(tasks: Tasks): Tasks
}

/** Everything as it is. */
export const noHooks: ServiceHooks = {
  backdoorPort: null,
  wrapEndpoints: (endpoints) => endpoints,
  wrapPeriodicTasks: (tasks) => tasks,
}
