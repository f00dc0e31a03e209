import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { adminContext, Flavor, hydrateVif, Instance, isNovaError, Migration, powerStates } from '@micronova/model'
import type { Departure, GuestDevices, VirtDriver } from '../../src/index.js'

export const ctx = adminContext({ clock: { now: () => 0 }, random: { uuid: () => '11111111-1111-4111-8111-111111111111' } })
const signal = new AbortController().signal
const host = 'compute1'
const hardStop = { timeoutSeconds: 0, retryIntervalSeconds: 0 }

/** An instance with as much of it as a driver may look at. */
export function guestOf(uuid: string): GuestDevices {
  const flavor = Flavor.objStored({ id: 1, vcpus: 2, memory_mb: 512, root_gb: 3, ephemeral_gb: 0, swap: 0, extra_specs: {} })
  const instance = Instance.objStored({ id: 7, uuid, vm_state: 'building', task_state: 'spawning', flavor, system_metadata: {} })
  return { instance, network: [], blockDevices: [] }
}

export async function spawn(driver: VirtDriver, guest: GuestDevices): Promise<void> {
  await driver.spawn(ctx, { ...guest, image: {}, injectedFiles: [], adminPassword: null }, signal)
}

function departure({ instance }: GuestDevices): Departure {
  return { destination: '192.0.2.1', flavor: instance.flavor, shutdown: hardStop }
}

/** A move from this host to `destination`. */
function moving(destination: string): Migration {
  return Migration.objStored({ id: 1, source_compute: host, dest_compute: destination })
}

const uuid = 'aaaaaaaa-0000-4000-8000-000000000001'
const other = 'aaaaaaaa-0000-4000-8000-000000000002'
const isNotFound = (err: unknown) => isNovaError(err, 'InstanceNotFound')

/**
 * What every virt driver must do. `create` makes one that is not started; the driver it makes later in the same test must
 * find the guests of the first, if `keepsGuests`.
 */
export function virtDriverContract(
  name: string,
  create: (t: TestContext) => () => VirtDriver,
  { keepsGuests }: { readonly keepsGuests: boolean },
): void {
  async function started(t: TestContext): Promise<VirtDriver> {
    const driver = create(t)()
    await driver.initHost(host, signal)
    return driver
  }

  test(`${name}: a spawned guest is listed and runs`, async (t) => {
    const driver = await started(t)
    assert.deepEqual(await driver.listGuests(), [])
    await spawn(driver, guestOf(uuid))
    assert.deepEqual(await driver.listGuests(), [uuid])
    assert.equal(await driver.guestExists(uuid), true)
    assert.equal((await driver.guestInfo(uuid)).powerState, powerStates.running)
  })

  test(`${name}: a guest that is not there is InstanceNotFound to everything that needs it`, async (t) => {
    const driver = await started(t)
    const guest = guestOf(uuid)
    assert.equal(await driver.guestExists(uuid), false)
    await assert.rejects(driver.guestInfo(uuid), isNotFound)
    await assert.rejects(driver.powerOff(guest.instance, hardStop), isNotFound)
    await assert.rejects(driver.powerOn(ctx, guest), isNotFound)
    await assert.rejects(driver.reboot(ctx, guest, 'SOFT', signal), isNotFound)
  })

  test(`${name}: power goes off and on`, async (t) => {
    const driver = await started(t)
    const guest = guestOf(uuid)
    await spawn(driver, guest)
    await driver.powerOff(guest.instance, hardStop)
    assert.equal((await driver.guestInfo(uuid)).powerState, powerStates.shutdown)
    await driver.powerOn(ctx, guest)
    assert.equal((await driver.guestInfo(uuid)).powerState, powerStates.running)
  })

  test(`${name}: powering off twice and on twice does no harm`, async (t) => {
    const driver = await started(t)
    const guest = guestOf(uuid)
    await spawn(driver, guest)
    await driver.powerOff(guest.instance, hardStop)
    await driver.powerOff(guest.instance, hardStop)
    await driver.powerOn(ctx, guest)
    await driver.powerOn(ctx, guest)
    assert.equal((await driver.guestInfo(uuid)).powerState, powerStates.running)
  })

  test(`${name}: a reboot leaves the guest running, a hard one even if it was off or gone`, async (t) => {
    const driver = await started(t)
    const guest = guestOf(uuid)
    await spawn(driver, guest)
    await driver.reboot(ctx, guest, 'SOFT', signal)
    assert.equal((await driver.guestInfo(uuid)).powerState, powerStates.running)
    await driver.powerOff(guest.instance, hardStop)
    await driver.reboot(ctx, guest, 'HARD', signal)
    assert.equal((await driver.guestInfo(uuid)).powerState, powerStates.running)
    await driver.destroy(ctx, guest)
    await driver.reboot(ctx, guest, 'HARD', signal)
    assert.equal((await driver.guestInfo(uuid)).powerState, powerStates.running)
  })

  test(`${name}: a destroyed guest is gone, its neighbour is not, and destroying it again is fine`, async (t) => {
    const driver = await started(t)
    await spawn(driver, guestOf(uuid))
    await spawn(driver, guestOf(other))
    await driver.destroy(ctx, guestOf(uuid))
    await driver.destroy(ctx, guestOf(uuid))
    assert.deepEqual(await driver.listGuests(), [other])
  })

  test(`${name}: a guest may be made and left off`, async (t) => {
    const driver = await started(t)
    await driver.spawn(ctx, { ...guestOf(uuid), image: {}, injectedFiles: [], adminPassword: null, powerOn: false }, signal)
    assert.equal((await driver.guestInfo(uuid)).powerState, powerStates.shutdown)
  })

  test(`${name}: a guest that leaves is off, and comes back as it was`, async (t) => {
    const driver = await started(t)
    const { resizing } = driver
    if (resizing === undefined) return t.skip('it cannot resize')
    const guest = guestOf(uuid)
    await spawn(driver, guest)
    await resizing.migrateDiskAndPowerOff(ctx, guest, departure(guest), signal)
    assert.equal((await driver.guestInfo(uuid)).powerState, powerStates.shutdown)
    for (const powerOn of [true, false, true]) {
      await resizing.finishRevertMigration(ctx, guest, { migration: moving('other'), powerOn }, signal)
      assert.equal((await driver.guestInfo(uuid)).powerState, powerOn ? powerStates.running : powerStates.shutdown)
    }
    assert.deepEqual(await driver.listGuests(), [uuid])
  })

  test(`${name}: a guest that stays elsewhere is gone from its source, and saying so twice is fine`, async (t) => {
    const driver = await started(t)
    const { resizing } = driver
    if (resizing === undefined) return t.skip('it cannot resize')
    const guest = guestOf(uuid)
    await spawn(driver, guest)
    await resizing.migrateDiskAndPowerOff(ctx, guest, departure(guest), signal)
    await resizing.confirmMigration(ctx, moving('other'), guest)
    await resizing.confirmMigration(ctx, moving('other'), guest)
    assert.deepEqual(await driver.listGuests(), [])
  })

  test(`${name}: a guest that arrives runs, or not, with its new size`, async (t) => {
    const driver = await started(t)
    const { resizing } = driver
    if (resizing === undefined) return t.skip('it cannot resize')
    for (const powerOn of [true, false]) {
      const arrival = { migration: moving('other'), diskInfo: null, image: {}, resizeDisks: false, powerOn }
      await resizing.finishMigration(ctx, guestOf(uuid), arrival, signal)
      assert.equal((await driver.guestInfo(uuid)).powerState, powerOn ? powerStates.running : powerStates.shutdown)
    }
    assert.equal((await driver.availableResource(host)).vcpusUsed, guestOf(uuid).instance.flavor.vcpus)
  })

  test(`${name}: a guest that changed its size on its host survives the confirmation, and can also go back`, async (t) => {
    const driver = await started(t)
    const { resizing } = driver
    if (resizing === undefined) return t.skip('it cannot resize')
    const guest = guestOf(uuid)
    const migration = moving(host)
    await spawn(driver, guest)
    const diskInfo = await resizing.migrateDiskAndPowerOff(ctx, guest, departure(guest), signal)
    await resizing.finishMigration(ctx, guest, { migration, diskInfo, image: {}, resizeDisks: true, powerOn: true }, signal)
    await resizing.confirmMigration(ctx, migration, guest)
    assert.equal((await driver.guestInfo(uuid)).powerState, powerStates.running)
    await driver.destroy(ctx, guest)
    await resizing.finishRevertMigration(ctx, guest, { migration, powerOn: true }, signal)
    assert.deepEqual(await driver.listGuests(), [uuid])
  })

  test(`${name}: disks without a guest can be removed, those of a guest cannot`, async (t) => {
    const driver = await started(t)
    const { leftoverDisks } = driver
    if (leftoverDisks === undefined) return t.skip('it leaves no disks')
    const guest = guestOf(uuid)
    await spawn(driver, guest)
    await assert.rejects(leftoverDisks.removeDisks(ctx, guest.instance), (err) => isNovaError(err, 'InstanceExists'))
    await driver.destroy(ctx, guest, { keepDisks: true })
    assert.deepEqual(await driver.listGuests(), [])
    await leftoverDisks.removeDisks(ctx, guest.instance)
    await leftoverDisks.removeDisks(ctx, guest.instance)
  })

  test(`${name}: an interface comes once and goes once`, async (t) => {
    const driver = await started(t)
    const { interfaceHotplug } = driver
    if (interfaceHotplug === undefined) return t.skip('it cannot change interfaces')
    const guest = guestOf(uuid)
    const vif = hydrateVif({ id: other, address: 'fa:16:3e:00:00:01', type: 'ovs' })
    await assert.rejects(interfaceHotplug.detachInterface(ctx, guest.instance, vif), isNotFound)
    await spawn(driver, guest)
    assert.equal(await interfaceHotplug.hasInterface(guest.instance, vif), false)
    await interfaceHotplug.attachInterface(ctx, guest.instance, vif)
    assert.equal(await interfaceHotplug.hasInterface(guest.instance, vif), true)
    await assert.rejects(interfaceHotplug.attachInterface(ctx, guest.instance, vif), (err) => isNovaError(err, 'InterfaceAttachFailed'))
    await interfaceHotplug.detachInterface(ctx, guest.instance, vif)
    await assert.rejects(interfaceHotplug.detachInterface(ctx, guest.instance, vif), (err) => isNovaError(err, 'InterfaceDetachFailed'))
    await spawn(driver, { ...guest, network: [vif] })
    await interfaceHotplug.detachInterface(ctx, guest.instance, vif)
  })

  test(`${name}: each node has resources, and no other name is a node`, async (t) => {
    const driver = await started(t)
    const [node, ...more] = await driver.availableNodes()
    assert.ok(node !== undefined)
    assert.deepEqual(more, [])
    const resources = await driver.availableResource(node)
    assert.equal(resources.hypervisorHostname, node)
    assert.ok(resources.vcpus > 0 && resources.memoryMb > 0 && resources.localGb > 0)
    assert.doesNotThrow(() => JSON.parse(resources.cpuInfo))
    await assert.rejects(driver.availableResource('elsewhere'), { code: 'unknown_node' })
  })

  test(`${name}: what is used follows from the guests`, async (t) => {
    const driver = await started(t)
    const used = async () => {
      const { vcpusUsed, memoryMbUsed, localGbUsed } = await driver.availableResource(host)
      return [vcpusUsed, memoryMbUsed, localGbUsed]
    }
    const before = await used()
    await spawn(driver, guestOf(uuid))
    assert.notDeepEqual(await used(), before)
    await driver.destroy(ctx, guestOf(uuid))
    assert.deepEqual(await used(), before)
  })

  test(`${name}: a snapshot says when it uploads, and ends if it is told not to`, async (t) => {
    const driver = await started(t)
    const { instance } = guestOf(uuid)
    if (driver.snapshots === undefined) return t.skip('the driver has no snapshots')
    await assert.rejects(
      driver.snapshots.snapshot(ctx, instance, other, async () => {}),
      (err) => isNovaError(err, 'InstanceNotRunning'),
    )
    await spawn(driver, guestOf(uuid))
    const phases: unknown[] = []
    await driver.snapshots.snapshot(ctx, instance, other, async (phase, before) => void phases.push([before, phase]))
    assert.equal((phases.at(-1) as unknown[])[1], 'image_uploading')
    assert.equal((phases[0] as unknown[])[0], undefined)
    const taken = new Error('taken by another operation')
    await assert.rejects(
      driver.snapshots.snapshot(ctx, instance, other, () => Promise.reject(taken)),
      taken,
    )
  })

  test(`${name}: a rescued guest runs from its own disk again`, async (t) => {
    const driver = await started(t)
    const guest = guestOf(uuid)
    if (driver.rescue === undefined) return t.skip('the driver cannot rescue')
    await assert.rejects(driver.rescue.unrescue(ctx, guest.instance), isNotFound)
    await spawn(driver, guest)
    await driver.powerOff(guest.instance, hardStop)
    await driver.rescue.rescue(ctx, guest, {}, 'secret')
    await driver.rescue.unrescue(ctx, guest.instance)
    assert.equal((await driver.guestInfo(uuid)).powerState, powerStates.running)
  })

  test(`${name}: volumes come, are replaced and go`, async (t) => {
    const driver = await started(t)
    const guest = guestOf(uuid)
    if (driver.volumes === undefined) return t.skip('the driver has no volumes')
    await spawn(driver, guest)
    assert.equal((await driver.volumes.connector(guest.instance)).host, host)
    const volume = { instance: guest.instance, connection: { serial: 'one' }, device: '/dev/vdb', diskBus: null, deviceType: 'disk' }
    await driver.volumes.attach(ctx, volume)
    await driver.volumes.swap(ctx, volume, { serial: 'two' }, 0)
    await driver.volumes.detach(ctx, { ...volume, connection: { serial: 'two' } })
  })

  test(`${name}: guests ${keepsGuests ? 'outlive' : 'end with'} the process`, async (t) => {
    const make = create(t)
    const before = make()
    await before.initHost(host, signal)
    await spawn(before, guestOf(uuid))
    await before.powerOff(guestOf(uuid).instance, hardStop)
    await before.cleanupHost(host)

    const after = make()
    await after.initHost(host, signal)
    assert.deepEqual(await after.listGuests(), keepsGuests ? [uuid] : [])
    if (keepsGuests) assert.equal((await after.guestInfo(uuid)).powerState, powerStates.shutdown)
  })
}
