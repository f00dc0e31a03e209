// A compute that is asked for one operation, gets as far as the argument says, prints `hung`, and waits to be killed.
// node killed-compute.js FOLDER POINT
import { writeSync } from 'node:fs'
import { nullLogger } from '@micronova/log'
import type { Instance, RequestContext } from '@micronova/model'
import { FakeDriver, type ShutdownTiming, type SpawnRequest } from '@micronova/virt'
import { host, requestedNetworks, rootDisk, runningInstance, storedInstance } from '../support/compute-fixture.js'
import { liveCompute } from '../support/live-compute.js'
import type { StoreCall } from '../support/recording-stores.js'
import { beginGuestOperation, guestPoints } from './kill-guest-points.js'
import { beginMove, movePoints } from './kill-move-points.js'
import { points } from './kill-points.js'

const [, , folder = '', name = ''] = process.argv
const point = points.find((one) => one.name === name)
const movePoint = movePoints.find((one) => one.name === name)
const guestPoint = guestPoints.find((one) => one.name === name)
if (point === undefined && movePoint === undefined && guestPoint === undefined) throw new Error(`no such point: ${name}`)

function hang(): Promise<never> {
  writeSync(1, 'hung\n')
  return new Promise(() => {})
}

class HangingDriver extends FakeDriver {
  override async spawn(ctx: RequestContext, request: SpawnRequest, signal: AbortSignal): Promise<void> {
    if (point?.hangs === 'before spawn') await hang()
    await super.spawn(ctx, request, signal)
    if (point?.hangs === 'after spawn') await hang()
  }
  override async powerOff(instance: Instance, shutdown: ShutdownTiming): Promise<void> {
    if (point?.hangs === 'power off') await hang()
    await super.powerOff(instance, shutdown)
  }
}

const hangs = point?.hangs ?? movePoint?.hangs ?? guestPoint?.hangs
const hangsAt = (call: StoreCall) => typeof hangs === 'function' && hangs(call)
const compute = liveCompute(folder, {
  driver: (stateFile) => new HangingDriver({ log: nullLogger }, { stateFile }),
  fail: (call) => (hangsAt(call) ? hang() : undefined),
})
const { fixture, api } = compute
await compute.start()
if (movePoint !== undefined) await beginMove(fixture, api, movePoint.operation)
else if (guestPoint !== undefined) await beginGuestOperation(fixture, api, guestPoint.operation)
else if (point?.operation === 'build') {
  const instance = await storedInstance(fixture)
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'create')
  await api.buildAndRunInstance(fixture.ctx, {
    instance,
    image: {},
    requestSpec: null,
    filterProperties: point.filterProperties,
    requestedNetworks: requestedNetworks('41a80805-e88a-406c-bd3b-484a882f0439'),
    blockDeviceMapping: await rootDisk(fixture, instance),
    node: host,
    host,
  })
} else {
  const instance = await runningInstance(fixture, { task_state: 'powering-off' })
  await fixture.stores.actions.start(fixture.ctx, instance.uuid, 'stop')
  await api.stopInstance(fixture.ctx, { instance, cleanShutdown: true })
}
setInterval(() => {}, 60_000)
