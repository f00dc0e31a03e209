import { accessSync, constants, existsSync } from 'node:fs'
import { nullLogger } from '@micronova/log'
import { loadVirtDriver } from '@micronova/virt'
import { isMendable } from '../../../error-text.js'
import { type Check, failed, ok } from '../check.js'
import { findProgram } from './find-program.js'

/** Whether the driver is there; what the machine has for real guests is told beside it. */
export function hypervisor(computeDriver: string | null, path: string): Check {
  return {
    name: 'hypervisor',
    async run() {
      try {
        loadVirtDriver({ log: nullLogger }, { computeDriver })
      } catch (err) {
        if (!isMendable(err)) throw err
        return failed(err.message, 'set compute_driver to one that there is, such as fake.FakeDriver')
      }
      return ok(`${computeDriver} needs none; here: ${describeMachine(path)}`)
    },
  }
}

function describeMachine(path: string): string {
  const qemu = findProgram('qemu-system-x86_64', path) ?? findProgram('qemu-system-aarch64', path) ?? findProgram('qemu-kvm', path)
  const socket = ['/run/libvirt/virtqemud-sock', '/run/libvirt/libvirt-sock'].find((file) => existsSync(file))
  return [`/dev/kvm ${describeKvm()}`, qemu === null ? 'no qemu' : qemu, socket === undefined ? 'no libvirt' : socket].join(', ')
}

function describeKvm(): string {
  if (!existsSync('/dev/kvm')) return 'is missing'
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK)
    return 'can be used'
  } catch {
    return 'cannot be used by this user'
  }
}
