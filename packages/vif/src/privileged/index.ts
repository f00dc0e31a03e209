// What the helper of os-vif's plugs may run, and with which capabilities: Node's own modules and privsep, nothing else.
import { privsepContext } from '@micronova/privsep/privileged'
import { filters } from './filters.js'
import { hybridBridges } from './hybrid-bridges.js'
import { links } from './links.js'
import { networkBridges } from './network-bridges.js'
import { ovsdb } from './ovsdb.js'

export const ovsContext = privsepContext({
  name: 'vif_plug_ovs.privsep.vif_plug',
  section: 'vif_plug_ovs_privileged',
  capabilities: ['CAP_NET_ADMIN'],
  modules: { links, hybridBridges, ovsdb },
})

export const linuxBridgeContext = privsepContext({
  name: 'vif_plug_linux_bridge.privsep.vif_plug',
  section: 'vif_plug_linux_bridge_privileged',
  capabilities: ['CAP_NET_ADMIN'],
  modules: { networkBridges, filters },
})

export const vifContexts = [ovsContext, linuxBridgeContext]
