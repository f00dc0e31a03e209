import { arg, type CallScope, CommandFailed, privileged, runCommand } from '@micronova/privsep/privileged'
import { deviceName } from './names.js'

/** The chain that os-vif has for what a nova-compute adds to FORWARD. @see os-vif 3.0, `<binary>-FORWARD` */
const chain = 'nova-compute-FORWARD'

const target = arg.text('a chain of iptables', /^[A-Za-z][A-Za-z0-9_-]{0,28}$/)

/** `--wait`: another program may hold the lock of the tables. */
function iptables(scope: CallScope, ...args: readonly string[]): Promise<string> {
  return runCommand('iptables', ['--wait', '10', ...args], { signal: scope.signal })
}

/** Answers false where iptables says no with status 1: such a rule or chain is not there, or is there already. */
async function succeeds(scope: CallScope, ...args: readonly string[]): Promise<boolean> {
  try {
    await iptables(scope, ...args)
    return true
  } catch (err) {
    if (err instanceof CommandFailed && err.exitStatus === 1) return false
    throw err
  }
}

async function ensureRule(scope: CallScope, how: '-A' | '-I', inChain: string, ...rule: readonly string[]): Promise<void> {
  if (!(await succeeds(scope, '-C', inChain, ...rule))) await iptables(scope, how, inChain, ...rule)
}

/** What a bridge may forward, where Neutron does not filter. */
export const filters = {
  /**
   * @param interfaces devices that the bridge may forward to, both ways; none: it forwards nothing; missing: it may forward anywhere
   */
  ensure: privileged(
    { bridge: deviceName, interfaces: arg.optional(arg.list(deviceName, 64)), dropAction: target },
    async ({ bridge, interfaces, dropAction }, scope) => {
      await succeeds(scope, '-N', chain)
      await ensureRule(scope, '-I', 'FORWARD', '-j', chain)
      for (const rule of forwardRules(bridge, interfaces, dropAction)) await ensureRule(scope, '-A', chain, ...rule)
    },
  ),
}

function forwardRules(bridge: string, interfaces: readonly string[] | undefined, dropAction: string): string[][] {
  if (interfaces === undefined)
    return [
      ['-i', bridge, '-j', 'ACCEPT'],
      ['-o', bridge, '-j', 'ACCEPT'],
    ]
  const own = interfaces.length === 0 ? [] : [['-i', bridge, '-o', bridge, '-j', 'ACCEPT']]
  return [
    ...interfaces.flatMap((device) => [
      ['-i', bridge, '-o', device, '-j', 'ACCEPT'],
      ['-i', device, '-o', bridge, '-j', 'ACCEPT'],
    ]),
    ...own,
    ['-i', bridge, '-j', dropAction],
    ['-o', bridge, '-j', dropAction],
  ]
}
