import { type Instance, novaError, powerStateName, powerStates } from '@micronova/model'
import type { GuestDiagnostics } from '@micronova/virt'
import { powerStateOf } from '../instance-state.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation, onlyInstance } from '../operation.js'
import type { ComputeParts } from '../parts.js'

/** Numbers about a running guest in the hypervisor's own form. Wire: `get_diagnostics`, call, compute 5.0 and 6.0. */
export const getDiagnostics = defineOperation({
  method: 'get_diagnostics',
  parameters: ['instance'],
  policy: { recordFault: true },
  decode: onlyInstance,
  run: async (parts, _ctx, { instance }) => (await diagnosticsOf(parts, instance)).diagnostics(instance),
})

/** The same as an object of Nova. Wire: `get_instance_diagnostics`, call, compute 5.0 and 6.0. */
export const getInstanceDiagnostics = defineOperation({
  method: 'get_instance_diagnostics',
  parameters: ['instance'],
  policy: { recordFault: true },
  decode: onlyInstance,
  run: async (parts, _ctx, { instance }) => (await diagnosticsOf(parts, instance)).instanceDiagnostics(instance),
})

/** @throws NovaError `InstanceInvalidState` unless the guest runs; upstream names the method `get_diagnostics` for both */
async function diagnosticsOf(parts: ComputeParts, instance: Instance): Promise<GuestDiagnostics> {
  if ((await powerStateOf(parts, instance)) === powerStates.running) return parts.driver.diagnostics ?? notImplemented()
  throw novaError('InstanceInvalidState', {
    attr: 'power state',
    instance_uuid: instance.uuid,
    state: powerStateName(instance.power_state),
    method: 'get_diagnostics',
  })
}
