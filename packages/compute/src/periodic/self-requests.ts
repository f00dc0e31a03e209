import { BlockDeviceMappingList, type Instance, type Migration, type RequestContext, type Stores } from '@micronova/model'
import type { ComputeApi } from '@micronova/rpcapi'
import { ensureLoaded } from '../instance-attributes.js'

export interface SelfRequestsDeps {
  readonly stores: Pick<Stores, 'instances' | 'actions' | 'blockDeviceMappings' | 'migrations'>
  readonly compute: Pick<ComputeApi, 'confirmResize' | 'stopInstance' | 'terminateInstance' | 'shelveOffloadInstance' | 'unrescueInstance'>
}

/**
 * Operations that this service asks of itself, over the queue like anybody else: so they wait for the instance's lock,
 * record an action and are in the journal. The task state that is set first keeps others away meanwhile; it is taken back
 * if the request cannot be sent.
 *
 * Each rejects with NovaError `UnexpectedTaskStateError` if something else began.
 */
export class SelfRequests {
  readonly #deps: SelfRequestsDeps

  constructor(deps: SelfRequestsDeps) {
    this.#deps = deps
  }

  /** Stop a guest that is not as its record says. */
  async stop(ctx: RequestContext, instance: Instance): Promise<void> {
    const { stores, compute } = this.#deps
    // How long the guest may take to shut down is in the properties of its image.
    await ensureLoaded(stores, ctx, instance, ['system_metadata'])
    instance.progress = 0
    await this.#withTask(ctx, instance, 'powering-off', async () => {
      await stores.actions.start(ctx, instance.uuid, 'stop')
      await compute.stopInstance(ctx, { instance, cleanShutdown: true })
    })
  }

  /** Delete an instance that asked to be deleted when its guest ends. */
  async terminate(ctx: RequestContext, instance: Instance): Promise<void> {
    const { stores, compute } = this.#deps
    await this.#withTask(ctx, instance, 'deleting', async () => {
      const mappings = await stores.blockDeviceMappings.listByInstanceUuid(ctx, instance.uuid)
      await stores.actions.start(ctx, instance.uuid, 'delete')
      await compute.terminateInstance(ctx, { instance, bdms: new BlockDeviceMappingList({ objects: mappings }) })
    })
  }

  /** Take an instance off this host that has been shelved for long enough. No user asked for it: there is no action. */
  async offload(ctx: RequestContext, instance: Instance): Promise<void> {
    const { stores, compute } = this.#deps
    await ensureLoaded(stores, ctx, instance, ['flavor', 'info_cache'])
    await this.#withTask(ctx, instance, 'shelving_offloading', () =>
      compute.shelveOffloadInstance(ctx, { instance, cleanShutdown: false, accelUuids: [] }),
    )
  }

  /** End a rescue that has lasted for long enough. */
  async unrescue(ctx: RequestContext, instance: Instance): Promise<void> {
    const { stores, compute } = this.#deps
    await this.#withTask(ctx, instance, 'unrescuing', async () => {
      await stores.actions.start(ctx, instance.uuid, 'unrescue')
      await compute.unrescueInstance(ctx, { instance })
    })
  }

  /**
   * Decide in a user's place that a resized guest stays where it is. No task state: the status of the migration keeps others away.
   *
   * @param send chooses who is asked: by default the source of the move
   */
  async confirmResize(
    ctx: RequestContext,
    instance: Instance,
    migration: Migration,
    send: (request: () => Promise<void>) => Promise<void> = (request) => request(),
  ): Promise<void> {
    const { stores, compute } = this.#deps
    migration.status = 'confirming'
    await stores.migrations.save(ctx, migration)
    try {
      await stores.actions.start(ctx, instance.uuid, 'confirmResize')
      await send(() => compute.confirmResize(ctx, { instance, migration, host: migration.source_compute ?? '' }))
    } catch (err) {
      migration.status = 'finished'
      await stores.migrations.save(ctx, migration)
      throw err
    }
  }

  async #withTask(ctx: RequestContext, instance: Instance, taskState: string, send: () => Promise<void>): Promise<void> {
    const { instances } = this.#deps.stores
    instance.task_state = taskState
    await instances.save(ctx, instance, { expectedTaskState: [null] })
    try {
      await send()
    } catch (err) {
      instance.task_state = null
      await instances.save(ctx, instance, { expectedTaskState: [taskState] })
      throw err
    }
  }
}
