import { privileged } from '@micronova/privsep/privileged'
import { addBridge, exists, ip, isolate, tryIp } from './ip.js'
import { deviceName } from './names.js'

/** The Linux bridge of one interface, between its device and Open vSwitch: iptables sees the packets there. */
export const hybridBridges = {
  /** There and up afterwards. Ageing is off: the bridge has two ports and would forget the silent one. */
  ensure: privileged({ bridge: deviceName }, async ({ bridge }, scope) => {
    if (!exists(bridge)) await addBridge(scope, bridge, 'ageing_time', '0')
    isolate(bridge)
    await tryIp(scope, 'link', 'set', 'dev', bridge, 'up')
  }),

  addPort: privileged({ bridge: deviceName, device: deviceName }, async ({ bridge, device }, scope) => {
    await ip(scope, 'link', 'set', 'dev', device, 'master', bridge)
  }),

  /** Gone afterwards; `device`, its port, is left down. */
  remove: privileged({ bridge: deviceName, device: deviceName }, async ({ bridge, device }, scope) => {
    if (!exists(bridge)) return
    await tryIp(scope, 'link', 'delete', 'dev', bridge)
    if (exists(device)) await tryIp(scope, 'link', 'set', 'dev', device, 'down')
  }),
}
