import type { Logger } from '@micronova/log'
import { orAborted } from './or-aborted.js'
import { isNovaError } from './peer-errors.js'

/** What a service of this release can do, as a number in its row: peers decide by it which messages to send (nova 26.2.2, `objects/service.py`). */
export const SERVICE_VERSION = 64

/** Who a service is: the key of its row in `services` and the address of its queues. */
export interface ServiceIdentity {
  readonly host: string
  /** `nova-compute`. */
  readonly binary: string
  /** `compute`. */
  readonly topic: string
}

/** The row of a service. The object `Service` of the model has this shape. */
export interface ServiceRecord {
  version: number
  report_count: number
}

/** What a new row is made of; all of it is sent as changed. */
export interface NewServiceRecord extends ServiceIdentity, Readonly<ServiceRecord> {}

/** The table `services`: the database, or the conductor over RPC. */
export interface ServiceRecords {
  /** Null if the service has never run on this host. */
  find(host: string, binary: string, signal: AbortSignal): Promise<ServiceRecord | null>
  /** Rejects with an error of the kind `ServiceTopicExists` or `ServiceBinaryExists` if there is one meanwhile. */
  create(record: NewServiceRecord, signal: AbortSignal): Promise<ServiceRecord>
  /** Writes what was changed in a record that came from here. */
  save(record: ServiceRecord, signal: AbortSignal): Promise<void>
}

/**
 * The row of this service, made if it is missing and brought to `SERVICE_VERSION` if it is of another release.
 *
 * @throws the reason of `signal` if it aborts; a write that was under way may still happen
 */
export async function registerService(
  deps: { readonly records: ServiceRecords; readonly log: Logger },
  { host, binary, topic }: ServiceIdentity,
  signal: AbortSignal,
): Promise<ServiceRecord> {
  const { records, log } = deps
  const find = () => orAborted(records.find(host, binary, signal), signal)
  const found = await find()
  if (found === null) {
    try {
      return await orAborted(records.create({ host, binary, topic, report_count: 0, version: SERVICE_VERSION }, signal), signal)
    } catch (err) {
      if (!isNovaError(err, 'ServiceTopicExists', 'ServiceBinaryExists')) throw err
      const sibling = await find() // another worker of this host was quicker
      if (sibling === null) throw err
      return sibling
    }
  }
  if (found.version !== SERVICE_VERSION) {
    log.info(`Updating service version for ${binary} on ${host} from ${found.version} to ${SERVICE_VERSION}`)
    found.version = SERVICE_VERSION
    await orAborted(records.save(found, signal), signal)
  }
  return found
}
