import type { Logger } from '@micronova/log'
import type { RequestContext } from '@micronova/model'
import { automaticComputeCap } from './version-caps.js'

export interface AutomaticCapDeps {
  /** Lowest version of all nova-compute services that this service may reach; 0 while there is none. */
  minimumComputeVersion(ctx: RequestContext): Promise<number>
  readonly log: Logger
}

/**
 * The cap for `[upgrade_levels] compute = auto`, found out with the first message and kept until `forget`.
 *
 * @see nova 26.2.2, `compute/rpcapi.py`, `_determine_version_cap`
 */
export class AutomaticCap {
  readonly #deps: AutomaticCapDeps
  #known: Promise<string> | null = null

  constructor(deps: AutomaticCapDeps) {
    this.#deps = deps
  }

  /** @throws NovaError `ServiceTooOld` if every compute is newer than this program; what the lookup threw */
  get(ctx: RequestContext): Promise<string> {
    this.#known ??= this.#find(ctx)
    return this.#known
  }

  /** Look again with the next message: the computes may have been upgraded. */
  forget(): void {
    this.#known = null
  }

  async #find(ctx: RequestContext): Promise<string> {
    const { minimumComputeVersion, log } = this.#deps
    try {
      const version = await minimumComputeVersion(ctx)
      const cap = automaticComputeCap(version)
      if (version === 0)
        this.#known = null // the first compute may be older than we are
      else log.info(`Automatically selected compute RPC version ${cap} from minimum service version ${version}`)
      return cap
    } catch (err) {
      this.#known = null
      throw err
    }
  }
}
