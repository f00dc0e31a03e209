import { HostPluginInfo } from '../objects/host-info.js'
import { VIFVHostUser } from '../objects/vif.js'
import { supports, type VifPlugin } from './plugin.js'

/** For interfaces that something else connects. */
export const noopPlugin: VifPlugin = {
  name: 'noop',
  describe: () => new HostPluginInfo({ plugin_name: 'noop', vif_info: [supports(VIFVHostUser)] }),
  plug: async () => {},
  unplug: async () => {},
}
