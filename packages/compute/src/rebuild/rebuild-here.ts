import { runSteps, type Step, UndoFailed } from '@micronova/lifecycle'
import { type BlockDeviceMapping, novaError, type RequestContext } from '@micronova/model'
import type { ImageDescription, InjectedFile, NetworkInfo } from '@micronova/virt'
import { atEachStep } from '../at-each-step.js'
import { decodeInjectedFiles } from '../build/request.js'
import { checkGroupPolicy, schedulerHints } from '../group-policy.js'
import { ensureLoaded } from '../instance-attributes.js'
import { powerStateOf } from '../instance-state.js'
import { cachedNetworkInfo } from '../network/network-api.js'
import { providerMappingsOf } from '../network/provider-mappings.js'
import { shutdownTiming } from '../operations/shutdown-timing.js'
import { stopWithin } from '../operations/stop-within.js'
import type { ComputeParts } from '../parts.js'
import type { MoveClaim } from '../resource-tracker/index.js'
import { connectVolumes, reserveVolumes, takeVolumesOut } from '../volume/instance-volumes.js'
import { reimageRootVolume } from '../volume/reimage-volume.js'
import { checkEvacuation } from './check-evacuation.js'
import type { RebuildRequest } from './request.js'

/** What the steps of one rebuild hand on to each other. */
export interface RebuildState {
  readonly parts: ComputeParts
  readonly ctx: RequestContext
  readonly request: RebuildRequest
  readonly node: string
  readonly image: ImageDescription
  readonly wasStopped: boolean
  claim: MoveClaim | null
  /** Of an evacuation: the disks are here already, and another host may have them too. */
  hasDisks: boolean
  injectedFiles: readonly InjectedFile[]
  network: NetworkInfo
  blockDevices: readonly BlockDeviceMapping[]
}

type RebuildStep = Step<RebuildState>

/**
 * The order of a rebuild. In place there is nothing to undo: the old guest is gone, and the instance in ERROR may be rebuilt
 * again. What fails of an evacuation leaves nothing here, as the instance still is its old host's.
 *
 *     claim -> accept (checks) -> networks -> remove (the old guest) -> spawn -> activate -> stop (if it was stopped)
 */
export async function rebuildHere(
  parts: ComputeParts,
  ctx: RequestContext,
  request: RebuildRequest,
  { node, image }: Pick<RebuildState, 'node' | 'image'>,
  signal: AbortSignal,
): Promise<void> {
  const { instance } = request
  const wasStopped = instance.vm_state === 'stopped'
  const empty = { wasStopped, claim: null, hasDisks: false, injectedFiles: [], network: [], blockDevices: [] }
  try {
    await runSteps(atEachStep(parts.here, rebuildSteps), { parts, ctx, request, node, image, ...empty }, signal)
  } catch (err) {
    if (!(err instanceof UndoFailed)) throw err
    parts.log.error('What a failed rebuild has left could not be removed', { err, instanceUuid: instance.uuid })
    throw err.failure
  }
  await parts.scheduler.update(ctx, [instance])
}

const claimResources: RebuildStep = {
  name: 'claim',
  async run(state) {
    const { parts, ctx, request, node } = state
    const { instance, migration, limits, isEvacuation } = request
    if (!isEvacuation) return
    state.claim = await parts.tracker.moves.rebuildClaim(ctx, { instance, node, migration, limits })
    await checkGroupPolicy(parts, ctx, instance, schedulerHints({}, request.requestSpec))
  },
  undo: async ({ claim, ctx }) => claim?.abort(ctx),
}

const accept: RebuildStep = {
  name: 'accept',
  async run(state) {
    const { parts, ctx, request } = state
    const { instance, isEvacuation } = request
    if (isEvacuation) state.hasDisks = await checkEvacuation(parts, request)
    await checkCertificates(state)
    await tellBeginning(state)
    instance.power_state = await powerStateOf(parts, instance)
    instance.task_state = 'rebuilding'
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['rebuilding'] })
  },
}

const prepareDevices: RebuildStep = {
  name: 'networks',
  async run(state) {
    const { parts, ctx, request } = state
    const { instance, isEvacuation } = request
    state.network = isEvacuation ? await moveNetworks(state) : cachedNetworkInfo(instance)
    state.blockDevices = request.blockDevices ?? (await parts.stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid))
    state.injectedFiles = decodeInjectedFiles(request.injectedFiles)
    if (request.preserveEphemeral) throw novaError('PreserveEphemeralNotSupported')
  },
}

/** A guest that is gone already is what an interrupted rebuild has left. */
const removeGuest: RebuildStep = {
  name: 'remove',
  async run({ parts, ctx, request: { instance, isEvacuation, reimageBootVolume }, image, network, blockDevices }) {
    const { driver, settings, stores } = parts
    if (isEvacuation) await reserveVolumes(parts, ctx, instance, blockDevices)
    else {
      if (await driver.guestExists(instance.uuid)) await driver.powerOff(instance, shutdownTiming(settings, instance, true))
      await takeVolumesOut(parts, ctx, instance, blockDevices)
      await driver.destroy(ctx, { instance, network, blockDevices })
      if (reimageBootVolume) await reimageRootVolume(parts, ctx, instance, blockDevices, image)
    }
    instance.task_state = 'rebuild_block_device_mapping'
    await stores.instances.save(ctx, instance, { expectedTaskState: ['rebuilding'] })
  },
}

const spawnGuest: RebuildStep = {
  name: 'spawn',
  async run({ parts, ctx, request, image, injectedFiles, network, blockDevices }, signal) {
    const { instance, adminPassword } = request
    await connectVolumes(parts, ctx, instance, blockDevices, signal)
    instance.task_state = 'rebuild_spawning'
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['rebuild_block_device_mapping'] })
    await parts.driver.spawn(ctx, { instance, network, blockDevices, image, injectedFiles, adminPassword }, signal)
  },
  /** Its old host is the one that has it: a guest here would run beside it. */
  async undo({ parts, ctx, request: { instance, isEvacuation }, network, blockDevices, hasDisks }) {
    if (isEvacuation) await parts.driver.destroy(ctx, { instance, network, blockDevices }, { keepDisks: hasDisks })
  },
}

const activate: RebuildStep = {
  name: 'activate',
  async run({ parts, ctx, request: { instance } }) {
    instance.power_state = await powerStateOf(parts, instance)
    instance.vm_state = 'active'
    instance.task_state = null
    instance.launched_at = new Date(parts.clock.now())
    await parts.stores.instances.save(ctx, instance, { expectedTaskState: ['rebuild_spawning'] })
  },
}

const stopAgain: RebuildStep = {
  name: 'stop',
  async run({ parts, ctx, request: { instance }, wasStopped }, signal) {
    if (!wasStopped) return
    instance.task_state = 'powering-off'
    instance.progress = 0
    await parts.stores.instances.save(ctx, instance)
    await stopWithin(parts, ctx, instance, { clean: false }, signal)
  },
}

export const rebuildSteps: readonly RebuildStep[] = [claimResources, accept, prepareDevices, removeGuest, spawnGuest, activate, stopAgain]

/** What it was made of until now is told with its usage: the record names the new image already. */
async function tellBeginning({ parts, ctx, request, image, hasDisks }: RebuildState): Promise<void> {
  const { instance, isEvacuation, former } = request
  const ref = isEvacuation && !hasDisks && instance.image_ref ? instance.image_ref : former.imageRef
  const systemMetadata = former.systemMetadata ?? instance.system_metadata
  await parts.notifications.exists(ctx, instance, { current: true, image: { ref, systemMetadata } })
  const action = isEvacuation ? 'evacuate' : 'rebuild'
  await parts.notifications.rebuild(ctx, instance, 'start', { action, image: imageName(image) })
}

export function imageName({ name }: ImageDescription): string {
  return String(name ?? '')
}

async function moveNetworks({ parts, ctx, request: { instance, requestSpec } }: RebuildState): Promise<NetworkInfo> {
  const { networks, host } = parts
  await networks.setupNetworksOnHost(ctx, instance, host)
  await networks.setupInstanceNetworkOnHost(ctx, instance, host, { providerMappings: providerMappingsOf(requestSpec) })
  return networks.networkInfo(ctx, instance)
}

async function checkCertificates({ parts, ctx, request: { instance } }: RebuildState): Promise<void> {
  if (parts.driver.spawnFeatures.has('trusted_certs')) return
  await ensureLoaded(parts.stores, ctx, instance, ['trusted_certs'])
  if (instance.trusted_certs === null) return
  const reason = 'Trusted image certificates provided on host that does not support certificate validation.'
  throw novaError('BuildAbortException', { instance_uuid: instance.uuid, reason })
}
