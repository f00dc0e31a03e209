import { elevated, type Instance, novaError, type RequestContext } from '@micronova/model'
import { messageOf } from '@micronova/rpcapi'
import type { GuestDevices, ImageDescription, Rescue } from '@micronova/virt'
import { ensureLoaded } from '../instance-attributes.js'
import { powerStateOf, setErrorState } from '../instance-state.js'
import { notImplemented } from '../not-implemented.js'
import { defineOperation } from '../operation.js'
import type { ComputeParts } from '../parts.js'
import { shutdownTiming } from './shutdown-timing.js'

/** Boot a guest from another image, its own disk beside it. Wire: `rescue_instance`, cast, compute 5.0 and 6.0. */
export const rescueInstance = defineOperation({
  method: 'rescue_instance',
  parameters: ['instance', 'rescue_password', 'rescue_image_ref', 'clean_shutdown'],
  policy: { lock: 'run', event: 'compute_rescue_instance', recordFault: true, revertTaskState: true },
  decode: (args) => ({
    instance: args.instance as Instance,
    password: (args.rescue_password as string | null) || null,
    imageId: (args.rescue_image_ref as string | null) || null,
    clean: args.clean_shutdown === true,
  }),
  async run(parts, requestCtx, { instance, password, imageId, clean }) {
    const ctx = elevated(requestCtx)
    await ensureLoaded(parts.stores, ctx, instance, ['system_metadata'])
    const ability = parts.driver.rescue ?? notImplemented()
    const network = await parts.networks.networkInfo(ctx, instance)
    const image = await rescueImage(parts, ctx, instance, imageId)
    const blockDevices = await parts.stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
    await parts.notifications.rescue(ctx, instance, 'start', imageId, { network })
    await rescue(parts, ctx, { instance, network, blockDevices }, { ability, image, password: password ?? parts.random.hex(6), clean })
    await parts.notifications.exists(ctx, instance, { current: true })
    instance.vm_state = 'rescued'
    instance.task_state = null
    instance.power_state = await powerStateOf(parts, instance)
    instance.launched_at = new Date(parts.clock.now())
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['rescuing'] })
    await parts.notifications.rescue(ctx, instance, 'end', imageId, { network })
  },
})

/** What was asked for; else what the instance's image was made of (a system that its user knows); else that image itself. */
async function rescueImage(
  { images, log }: ComputeParts,
  ctx: RequestContext,
  instance: Instance,
  asked: string | null,
): Promise<ImageDescription> {
  const found = asked ?? (instance.system_metadata.image_base_image_ref || null)
  if (found === null) log.warning('There is no other image to rescue the instance with; its own is taken', { instanceUuid: instance.uuid })
  const id = found ?? instance.image_ref ?? ''
  return { ...(await images.get(ctx, id)), id }
}

interface RescueWith {
  readonly ability: Rescue
  readonly image: ImageDescription
  readonly password: string
  readonly clean: boolean
}

/** Nobody knows what the guest is after a failure. */
async function rescue(
  parts: ComputeParts,
  ctx: RequestContext,
  guest: GuestDevices,
  { ability, image, password, clean }: RescueWith,
): Promise<void> {
  const { instance } = guest
  const { driver, settings, log } = parts
  try {
    await driver.powerOff(instance, shutdownTiming(settings, instance, clean))
    await ability.rescue(ctx, guest, image, password)
  } catch (err) {
    log.error('The instance could not be rescued', { err, instanceUuid: instance.uuid })
    await setErrorState(parts, ctx, instance)
    const reason = `Driver Error: ${messageOf(err)}`
    throw novaError('InstanceNotRescuable', { instance_id: instance.uuid, reason }, { cause: err })
  }
}
