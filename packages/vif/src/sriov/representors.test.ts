import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import { VifError } from '../errors.js'
import { Representors } from './representors.js'

/** A card with the PFs 03:00.0 and 03:00.1, each with two VFs and a representor for each, as the kernel lays them out in sysfs. */
function card(t: Parameters<typeof temporaryFolder>[0], portName: (pf: number, vf: number) => string): string {
  const sysfs = temporaryFolder(t)
  const nets = join(sysfs, 'class/net')
  const device = (name: string, attributes: Readonly<Record<string, string>>, address?: string) => {
    mkdirSync(join(nets, name), { recursive: true })
    for (const [key, value] of Object.entries(attributes)) writeFileSync(join(nets, name, key), `${value}\n`)
    symlinkSync('../../net', join(nets, name, 'subsystem'))
    if (address !== undefined) symlinkSync(`../../../${address}`, join(nets, name, 'device'))
  }
  mkdirSync(nets, { recursive: true })
  symlinkSync('class/net', join(sysfs, 'net'))
  for (const pf of [0, 1]) {
    const address = `0000:03:00.${pf}`
    const folder = join(sysfs, 'bus/pci/devices', address)
    mkdirSync(join(folder, 'net', `ens${pf}`), { recursive: true })
    device(`ens${pf}`, { phys_switch_id: 'abc', phys_port_name: `p${pf}` }, address)
    for (const vf of [0, 1]) {
      const vfAddress = `0000:03:0${pf + 1}.${vf}`
      mkdirSync(join(sysfs, 'bus/pci/devices', vfAddress), { recursive: true })
      symlinkSync(`../${address}`, join(sysfs, 'bus/pci/devices', vfAddress, 'physfn'))
      symlinkSync(`../${vfAddress}`, join(folder, `virtfn${vf}`))
      device(`rep${pf}_${vf}`, { phys_switch_id: 'abc', phys_port_name: portName(pf, vf) })
    }
  }
  device('lo', {})
  device('other0', { phys_switch_id: 'def', phys_port_name: 'pf0vf0' })
  return sysfs
}

test('the representor of a VF has its number, its switch and its PF', (t) => {
  const representors = new Representors(card(t, (pf, vf) => `pf${pf}vf${vf}`))
  const addresses = ['0000:03:01.0', '0000:03:01.1', '0000:03:02.0', '0000:03:02.1']
  assert.deepEqual(
    addresses.map((address) => representors.representorOf(address)),
    ['rep0_0', 'rep0_1', 'rep1_0', 'rep1_1'],
  )
  assert.deepEqual(
    addresses.map((address) => representors.vfNumber(address)),
    [0, 1, 0, 1],
  )
  assert.equal(representors.pfAddress('0000:03:02.1'), '0000:03:00.1')
})

test('older drivers name a representor by the number alone', (t) => {
  const representors = new Representors(card(t, (pf, vf) => String(pf * 10 + vf)))
  assert.equal(representors.representorOf('0000:03:01.1'), 'rep0_1')
})

test('what is not there is named', (t) => {
  const representors = new Representors(card(t, () => 'uplink'))
  assert.throws(
    () => representors.representorOf('0000:03:01.1'),
    (err) => err instanceof VifError && err.code === 'representor_not_found',
  )
  for (const lookUp of [(address: string) => representors.vfNumber(address), (address: string) => representors.pfAddress(address)])
    assert.throws(
      () => lookUp('0000:04:00.0'),
      (err) => err instanceof VifError && err.code === 'pci_device_not_found',
    )
})
