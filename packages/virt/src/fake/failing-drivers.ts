import { novaError, type RequestContext } from '@micronova/model'
import type { SpawnRequest } from '../driver.js'
import { FakeDriver } from './fake-driver.js'

/** Every spawn fails in a way that no other host would do better: the instance ends in ERROR. */
export class FakeBuildAbortDriver extends FakeDriver {
  override readonly name = 'fake.FakeBuildAbortDriver'

  override async spawn(_ctx: RequestContext, { instance }: SpawnRequest): Promise<void> {
    throw novaError('BuildAbortException', { instance_uuid: instance.uuid, reason: 'FakeBuildAbortDriver' })
  }
}

/** The first spawn of an instance fails for want of resources, so that the build goes to another host or comes again. */
export class FakeRescheduleDriver extends FakeDriver {
  override readonly name = 'fake.FakeRescheduleDriver'
  readonly #refused = new Set<string>()

  override async spawn(ctx: RequestContext, request: SpawnRequest, signal: AbortSignal): Promise<void> {
    const { uuid } = request.instance
    if (this.#refused.has(uuid)) return super.spawn(ctx, request, signal)
    this.#refused.add(uuid)
    throw novaError('ComputeResourcesUnavailable', { reason: 'FakeRescheduleDriver' })
  }
}
