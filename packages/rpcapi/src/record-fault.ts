import { type Instance, InstanceFault, NovaError, type RequestContext, type Stores } from '@micronova/model'
import { shortened, traceback, userMessage } from './failure-text.js'

export interface FaultDeps {
  readonly host: string
  readonly stores: Pick<Stores, 'faults'>
}

/**
 * Write `err` as a fault of the instance: what its user sees of a failure. Code 500 alone has details, as upstream.
 *
 * @param message instead of the message of `err`
 */
export async function recordFault(
  { host, stores }: FaultDeps,
  ctx: RequestContext,
  { uuid }: Pick<Instance, 'uuid'>,
  err: unknown,
  message?: string,
): Promise<void> {
  const code = err instanceof NovaError ? err.code : 500
  const fault = new InstanceFault({
    host,
    instance_uuid: uuid,
    code,
    message: shortened(message ?? userMessage(err)),
    details: code === 500 ? traceback(err) : '',
  })
  await stores.faults.create(ctx, fault)
}
