import { existsSync, writeFileSync } from 'node:fs'
import { type CallScope, CommandFailed, runCommand } from '@micronova/privsep/privileged'

/** What `ip` of iproute2 does for the privileged functions. Names have been looked at before they come here. */

export function exists(device: string): boolean {
  return existsSync(`/sys/class/net/${device}`)
}

/** @throws CommandFailed */
export function ip(scope: CallScope, ...args: readonly string[]): Promise<string> {
  return runCommand('ip', args, { signal: scope.signal })
}

/**
 * The same where a refusal of the kernel is no reason to stop: MTUs and states that a device does not take. It is logged.
 *
 * @see os-vif 3.0, `check_exit_code=[0, 2, 254]`
 */
export async function tryIp(scope: CallScope, ...args: readonly string[]): Promise<void> {
  try {
    await ip(scope, ...args)
  } catch (err) {
    if (!(err instanceof CommandFailed) || ![2, 254].includes(err.exitStatus ?? -1)) throw err
    scope.log.warning(`ip ${args.join(' ')}: ${err.stderr}`)
  }
}

/** A bridge that forwards at once, keeps no spanning tree and no multicast groups. */
export async function addBridge(scope: CallScope, bridge: string, ...more: readonly string[]): Promise<void> {
  await ip(
    scope,
    ...['link', 'add', 'name', bridge, 'type', 'bridge', 'forward_delay', '0', 'stp_state', '0', 'mcast_snooping', '0'],
    ...more,
  )
}

/**
 * A bridge must take no part in the network of its instances: no IPv6 address of its own making (it would answer for the instance), and no
 * answer to ARP for addresses of other devices.
 */
export function isolate(bridge: string): void {
  const set = (path: string, value: string) => {
    if (existsSync(path)) writeFileSync(path, value)
  }
  set(`/proc/sys/net/ipv6/conf/${bridge}/disable_ipv6`, '1')
  set(`/proc/sys/net/ipv4/conf/${bridge}/arp_ignore`, '1')
  set(`/proc/sys/net/ipv4/conf/${bridge}/arp_announce`, '2')
}
