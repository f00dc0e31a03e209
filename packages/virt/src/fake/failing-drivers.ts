import { novaError, type RequestContext } from '@micronova/model'
import type { SpawnRequest } from '../driver.js'
import { FakeDriver, type FakeDriverDeps, type FakeDriverOptions } from './fake-driver.js'

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

/** A guest that moves leaves its source and never comes up at its destination. */
export class FakeFinishMigrationFailDriver extends FakeDriver {
  override readonly name = 'fake.FakeFinishMigrationFailDriver'

  constructor(deps: FakeDriverDeps, options?: FakeDriverOptions) {
    super(deps, options)
    this.resizing.finishMigration = () => Promise.reject(novaError('VirtualInterfaceCreateException'))
  }
}
