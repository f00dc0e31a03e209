import { elevated, type Instance, isNovaError, novaError, powerStates, type RequestContext } from '@micronova/model'
import { powerStateOf } from '../instance-state.js'
import { isNotImplemented, notImplemented, notImplementedError } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'

/** Change the administrator's password inside a running guest. Wire: `set_admin_password`, cast, compute 5.0 and 6.0. */
export const setAdminPassword = defineOperation({
  method: 'set_admin_password',
  parameters: ['instance', 'new_pass'],
  policy: { lock: 'run', event: 'compute_set_admin_password', recordFault: true, revertTaskState: true },
  decode: (args) => ({ instance: args.instance as Instance, password: String(args.new_pass) }),
  async run(parts, requestCtx, { instance, password }) {
    const ctx = elevated(requestCtx)
    if ((await powerStateOf(parts, instance)) !== powerStates.running) {
      await endTask(parts, ctx, instance)
      throw novaError('InstancePasswordSetFailed', { instance: instance.uuid, reason: `instance ${instance.uuid} is not running` })
    }
    try {
      await (parts.driver.adminPassword ?? notImplemented()).setAdminPassword(instance, password)
      await endTask(parts, ctx, instance)
    } catch (err) {
      throw await explained(parts, ctx, instance, err)
    }
  },
})

/** The error for the caller. Whatever is not known to be harmless is hidden: it might hold the password. */
async function explained(parts: ComputeParts, ctx: RequestContext, instance: Instance, err: unknown): Promise<unknown> {
  if (isNovaError(err, 'UnexpectedTaskStateError')) return err
  if (isNovaError(err, 'InstanceAgentNotEnabled') || isNovaError(err, 'SetAdminPasswdNotSupported')) {
    await endTask(parts, ctx, instance)
    return err
  }
  if (isNotImplemented(err)) {
    await endTask(parts, ctx, instance)
    return notImplementedError('set_admin_password is not implemented by this driver or guest instance.')
  }
  parts.log.error('The administrator password could not be set', { err, instanceUuid: instance.uuid })
  return novaError('InstancePasswordSetFailed', { instance: instance.uuid, reason: 'error setting admin password' })
}

async function endTask({ stores }: ComputeParts, ctx: RequestContext, instance: Instance): Promise<void> {
  instance.task_state = null
  await stores.instances.save(ctx, instance, { expectedTaskState: ['updating_password'] })
}
