import { arg, privileged } from '@micronova/privsep/privileged'
import { exists, ip, tryIp } from './ip.js'
import { deviceName, mtu } from './names.js'

/** Network devices that are no bridges. */
export const links = {
  /** Asked where the others run, so that all see the same network namespace. */
  exists: privileged({ device: deviceName }, async ({ device }) => exists(device)),

  /** Gone afterwards, whether it was there or not. */
  remove: privileged({ device: deviceName }, async ({ device }, scope) => {
    if (!exists(device)) return
    await tryIp(scope, 'link', 'delete', 'dev', device)
    scope.log.debug(`Net device removed: '${device}'`)
  }),

  /** Two devices that are the ends of one cable, both up and promiscuous; what had these names is removed. */
  addVethPair: privileged({ device: deviceName, peer: deviceName, mtu: arg.optional(mtu) }, async ({ device, peer, mtu }, scope) => {
    for (const name of [device, peer]) if (exists(name)) await tryIp(scope, 'link', 'delete', 'dev', name)
    await ip(scope, 'link', 'add', 'name', device, 'type', 'veth', 'peer', 'name', peer)
    for (const name of [device, peer]) {
      await ip(scope, 'link', 'set', 'dev', name, 'up', 'promisc', 'on')
      if (mtu !== undefined) await tryIp(scope, 'link', 'set', 'dev', name, 'mtu', String(mtu))
    }
  }),

  /** Nothing happens if the device is not there yet: it gets its MTU when the instance starts. */
  setMtu: privileged({ device: deviceName, mtu }, async ({ device, mtu }, scope) => {
    if (exists(device)) await tryIp(scope, 'link', 'set', 'dev', device, 'mtu', String(mtu))
  }),

  setState: privileged({ device: deviceName, state: arg.words('up', 'down') }, async ({ device, state }, scope) => {
    await tryIp(scope, 'link', 'set', 'dev', device, state)
  }),
}
