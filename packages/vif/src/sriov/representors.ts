import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { VifError } from '../errors.js'

/**
 * Which device of the host stands for a virtual function (VF) that is given to a guest, by what the kernel tells in sysfs.
 *
 * A network card in switchdev mode has one representor for each of its functions. They share the `phys_switch_id` of the physical function (PF), and their
 * `phys_port_name` is the number of the VF, with or without words before it: `0`, `vf0`, `pf0vf0`.
 *
 * @see os-vif 3.0, `vif_plug_ovs/linux_net.py`
 */
export class Representors {
  readonly #sysfs: string

  /** @param sysfs where it is mounted */
  constructor(sysfs = '/sys') {
    this.#sysfs = sysfs
  }

  /** The number of a VF within its PF. @throws VifError pci_device_not_found */
  vfNumber(vfAddress: string): number {
    const folder = this.#device(vfAddress, 'physfn')
    for (const name of namesIn(folder)) {
      const [, number] = /^virtfn(\d+)$/.exec(name) ?? []
      if (number !== undefined && basename(linkAt(join(folder, name)) ?? '') === vfAddress) return Number(number)
    }
    throw new VifError('pci_device_not_found', `PCI device ${vfAddress} not found`)
  }

  /** The PCI address of the PF of a VF. @throws VifError pci_device_not_found */
  pfAddress(vfAddress: string): string {
    const link = linkAt(this.#device(vfAddress, 'physfn'))
    if (link === undefined) throw new VifError('pci_device_not_found', `PCI device ${vfAddress} not found`)
    return basename(link)
  }

  /** The representor of a VF. @throws VifError pci_device_not_found, representor_not_found */
  representorOf(vfAddress: string): string {
    const number = this.vfNumber(vfAddress)
    const uplink = this.#uplinkOf(vfAddress)
    const switchId = this.#attribute(uplink, 'phys_switch_id')
    const pfFunction = /\.(\d+)/.exec(basename(linkAt(join(this.#sysfs, 'class/net', uplink, 'device')) ?? ''))?.[1]
    const found = namesIn(join(this.#sysfs, 'class/net', uplink, 'subsystem')).find((device) => {
      if (this.#attribute(device, 'phys_switch_id') !== switchId) return false
      const port = this.#attribute(device, 'phys_port_name')
      const [, pf] = /pf(\d+)/i.exec(port) ?? []
      const [, vf] = /^(\d+)$/.exec(port) ?? /vf(\d+)/i.exec(port) ?? []
      return vf !== undefined && Number(vf) === number && (pf === undefined || pf === pfFunction)
    })
    if (found !== undefined && pfFunction !== undefined) return found
    throw new VifError('representor_not_found', `Failed getting representor port for PF ${uplink} with ${number}`)
  }

  /** The PF's own device: the one that is called `p<N>`, else any of its devices that belongs to a switch. */
  #uplinkOf(vfAddress: string): string {
    const devices = namesIn(this.#device(vfAddress, 'physfn/net')).filter((device) => this.#attribute(device, 'phys_switch_id') !== '')
    const uplink = devices.find((device) => /p\d+/i.test(this.#attribute(device, 'phys_port_name'))) ?? devices[0]
    if (uplink === undefined) throw new VifError('pci_device_not_found', `PCI device ${vfAddress} not found`)
    return uplink
  }

  #device(address: string, path: string): string {
    return join(this.#sysfs, 'bus/pci/devices', address, path)
  }

  /** Empty where there is none, or the driver refuses to tell. */
  #attribute(device: string, name: string): string {
    try {
      return readFileSync(join(this.#sysfs, 'class/net', device, name), 'utf8').trim()
    } catch {
      return ''
    }
  }
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : []
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}
