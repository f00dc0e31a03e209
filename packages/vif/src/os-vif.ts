import type { Logger } from '@micronova/log'
import { VifError } from './errors.js'
import { HostInfo } from './objects/host-info.js'
import type { InstanceInfo } from './objects/instance-info.js'
import type { VIFBase } from './objects/vif.js'
import type { VifPlugin } from './plugins/plugin.js'

export interface OsVifDeps {
  readonly log: Logger
  readonly plugins: readonly VifPlugin[]
}

/** The plugs of a host, by their names. */
export class OsVif {
  readonly #log: Logger
  readonly #plugins: ReadonlyMap<string, VifPlugin>

  constructor({ log, plugins }: OsVifDeps) {
    this.#log = log
    this.#plugins = new Map(plugins.map((plugin) => [plugin.name, plugin]))
    log.info(`Loaded VIF plugins: ${[...this.#plugins.keys()].join(', ')}`)
  }

  /** Connect an interface. @throws VifError no_matching_plugin, or plug_failed with the reason as its cause */
  async plug(vif: VIFBase, instance: InstanceInfo): Promise<void> {
    await this.#run('plug', vif, (plugin) => plugin.plug(vif, instance))
  }

  /** Disconnect it. @throws VifError no_matching_plugin, or unplug_failed with the reason as its cause */
  async unplug(vif: VIFBase, instance: InstanceInfo): Promise<void> {
    await this.#run('unplug', vif, (plugin) => plugin.unplug(vif, instance))
  }

  /** What this host can connect; with `permitted`, names of VIF objects, what of it is among them. */
  hostInfo(permitted?: readonly string[]): HostInfo {
    const names = [...this.#plugins.keys()].sort()
    const plugins = names.map((name) => this.#plugins.get(name)!.describe())
    if (permitted === undefined) return new HostInfo({ plugin_info: plugins })
    for (const plugin of plugins) plugin.vif_info = plugin.vif_info.filter((vif) => permitted.includes(vif.vif_object_name))
    return new HostInfo({ plugin_info: plugins.filter((plugin) => plugin.vif_info.length > 0) })
  }

  async #run(what: 'plug' | 'unplug', vif: VIFBase, work: (plugin: VifPlugin) => Promise<void>): Promise<void> {
    const plugin = this.#plugins.get(vif.plugin)
    if (plugin === undefined) throw new VifError('no_matching_plugin', `No VIF plugin was found with the name ${vif.plugin}`)
    const name = `${vif.objName}(id=${vif.id})`
    this.#log.debug(`${what === 'plug' ? 'Plugging' : 'Unplugging'} vif ${name}`)
    try {
      await work(plugin)
    } catch (err) {
      throw new VifError(`${what}_failed`, `Failed to ${what} VIF ${name}. Got error: ${(err as Error).message}`, { cause: err })
    }
    this.#log.info(`Successfully ${what}ged vif ${name}`)
  }
}
