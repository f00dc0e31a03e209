import { arg, type CallScope, privileged } from '@micronova/privsep/privileged'
import { addBridge, exists, ip, isolate, tryIp } from './ip.js'
import { deviceName, mtu } from './names.js'

/** The Linux bridge of a network, on each host that has an instance on it. */
export const networkBridges = {
  /**
   * There and up afterwards, with `device` as a port of it if that exists. Addresses and routes of the device move to the bridge: a device
   * on a bridge no longer takes packets for itself.
   */
  ensure: privileged(
    { bridge: deviceName, device: arg.optional(deviceName), mtu: arg.optional(mtu) },
    async ({ bridge, device, mtu }, scope) => {
      if (!exists(bridge)) {
        await addBridge(scope, bridge)
        isolate(bridge)
        await ip(scope, 'link', 'set', 'dev', bridge, 'up')
      }
      if (device === undefined || !exists(device)) return
      await tryIp(scope, 'link', 'set', 'dev', device, 'master', bridge, 'up')
      if (mtu !== undefined) await tryIp(scope, 'link', 'set', 'dev', device, 'mtu', String(mtu))
      await moveAddresses(scope, device, bridge)
      // Not before it has a port: a bridge without one takes no MTU above 1500.
      if (mtu !== undefined) await tryIp(scope, 'link', 'set', 'dev', bridge, 'mtu', String(mtu))
    },
  ),

  /** A device `vlan<N>` on top of `parent`, up; answers its name. */
  ensureVlan: privileged(
    { vlan: arg.integer(1, 4094), parent: deviceName, mtu: arg.optional(mtu) },
    async ({ vlan, parent, mtu }, scope) => {
      const device = `vlan${vlan}`
      if (!exists(device)) {
        await ip(scope, 'link', 'add', 'link', parent, 'name', device, 'type', 'vlan', 'id', String(vlan))
        await tryIp(scope, 'link', 'set', 'dev', device, 'up')
      }
      if (mtu !== undefined) await tryIp(scope, 'link', 'set', 'dev', device, 'mtu', String(mtu))
      return device
    },
  ),
}

/** Routes through a gateway go first and come back last: the kernel takes them only while it can reach the gateway. */
async function moveAddresses(scope: CallScope, device: string, bridge: string): Promise<void> {
  const shown = await ip(scope, 'route', 'show', 'dev', device)
  const routes = shown
    .split('\n')
    .map((line) => line.split(/\s+/).filter((word) => !['', 'linkdown', 'dead'].includes(word)))
    .filter((words) => words.includes('via'))
  for (const route of routes) await ip(scope, 'route', 'del', ...route, 'dev', device)
  for (const address of await permanentAddresses(scope, device)) {
    await tryIp(scope, 'addr', 'del', ...address, 'dev', device)
    await tryIp(scope, 'addr', 'add', ...address, 'dev', bridge)
  }
  for (const route of routes) await ip(scope, 'route', 'add', ...route)
}

interface ShownAddress {
  readonly local: string
  readonly prefixlen: number
  readonly broadcast?: string
  readonly dynamic?: boolean
  readonly secondary?: boolean
}

/** As arguments of `ip addr`. Those of DHCP are left to its client. */
async function permanentAddresses(scope: CallScope, device: string): Promise<string[][]> {
  const shown = JSON.parse(await ip(scope, '-json', '-4', 'addr', 'show', 'dev', device, 'scope', 'global')) as {
    addr_info?: ShownAddress[]
  }[]
  return shown
    .flatMap(({ addr_info = [] }) => addr_info)
    .filter(({ dynamic, secondary }) => !dynamic && !secondary)
    .map(({ local, prefixlen, broadcast }) => [`${local}/${prefixlen}`, ...(broadcast === undefined ? [] : ['broadcast', broadcast])])
}
