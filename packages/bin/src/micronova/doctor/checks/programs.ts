import { type Check, type Finding, ok, warning } from '../check.js'
import { findProgram } from './find-program.js'

/** What the plugs of os-vif run, and for what. */
const wanted: Readonly<Record<string, string>> = {
  ip: 'devices and bridges (package iproute2)',
  'ovs-vsctl': 'ports of Open vSwitch (package openvswitch-switch)',
  iptables: 'forwarding of Linux bridges (package iptables)',
}

export function programs(path: string): Check {
  return { name: 'programs', run: async () => judgePrograms((name) => findProgram(name, path)) }
}

export function judgePrograms(find: (name: string) => string | null): Finding {
  const missing = Object.keys(wanted).filter((name) => find(name) === null)
  if (missing.length === 0) return ok(`${Object.keys(wanted).join(', ')} are there`)
  const uses = missing.map((name) => `${name} for ${wanted[name]}`)
  return warning(`not installed: ${missing.join(', ')}`, `install what the networks of this host need: ${uses.join('; ')}`)
}
