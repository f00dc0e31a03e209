import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What a test may need of the machine itself; named as in MICRONOVA_REQUIRE. */
export type MachineNeed = 'root' | 'namespaces' | 'vlan' | 'openvswitch' | 'nova-manage'

const isRoot = () => process.geteuid?.() === 0
const runs = (command: string, ...args: readonly string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0

/** What is missing, each looked for once a process. */
const missing: Readonly<Record<MachineNeed, () => string | false>> = {
  root: () => !isRoot() && 'the tests do not run as root',
  namespaces: () =>
    (!isRoot() || !runs('unshare', '--net', 'ip', 'link', 'show')) && 'network namespaces cannot be made here with iproute2',
  vlan: () =>
    !runs('unshare', '--net', 'ip', 'link', 'add', 'link', 'lo', 'name', 'vlan5', 'type', 'vlan', 'id', '5') &&
    'the kernel has no VLAN devices',
  openvswitch: () =>
    (!runs('ovs-vsctl', '--version') || !runs('ovs-vswitchd', '--version') || !existsSync('/dev/net/tun')) &&
    'Open vSwitch is not installed here',
  // Python's, of Debian: ours has no place in /usr/bin of a machine that runs tests.
  'nova-manage': () => !existsSync('/usr/lib/python3/dist-packages/nova/cmd/manage.py') && "Python's nova-manage is not installed here",
}

/**
 * For a test's `skip`: false where the machine has all of `needs`.
 *
 * @throws Error if one is missing that MICRONOVA_REQUIRE names: then the file fails
 */
export function machineSkip(...needs: readonly MachineNeed[]): string | false {
  for (const need of needs) {
    const why = missing[need]()
    if (why === false) continue
    if ((process.env['MICRONOVA_REQUIRE'] ?? '').split(',').includes(need)) throw new Error(`${need} is required: ${why}`)
    return why
  }
  return false
}
