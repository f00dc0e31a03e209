import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { adminContext, hydrateVif, isNovaError, powerStates } from '@micronova/model'
import { readFixtureLines, temporaryFolder } from '@micronova/testing'
import { guestOf, spawn } from '../../test/contract/virt-driver-contract.js'
import { FakeDriver } from './fake-driver.js'

const uuid = 'aaaaaaaa-0000-4000-8000-000000000001'
const _signal = new AbortController().signal
const ctx = adminContext({ clock: { now: () => 0 }, random: { uuid: () => uuid } })

async function startedDriver(stateFile?: string): Promise<FakeDriver> {
  const driver = new FakeDriver({ log: nullLogger }, stateFile === undefined ? {} : { stateFile })
  await driver.initHost('compute1')
  return driver
}

/** The compute node record that a Python nova-compute wrote for the same driver. */
function recordedNode(): Readonly<Record<string, unknown>> {
  const created = readFixtureLines('wire/01-compute-startup.jsonl')
    .map((line) => JSON.parse(line).message)
    .find(({ args }) => args?.objmethod === 'create' && args.objinst['nova_object.name'] === 'ComputeNode')
  return created.args.objinst['nova_object.data']
}

test('the host has the size and the words of upstream', async () => {
  const driver = await startedDriver()
  const resources = await driver.availableResource('compute1')
  const recorded = recordedNode()
  assert.deepEqual(
    {
      vcpus: resources.vcpus,
      memory_mb: resources.memoryMb,
      local_gb: resources.localGb,
      hypervisor_type: resources.hypervisorType,
      hypervisor_version: resources.hypervisorVersion,
      hypervisor_hostname: resources.hypervisorHostname,
      disk_available_least: resources.diskAvailableLeast,
      cpu_info: JSON.parse(resources.cpuInfo),
    },
    {
      ...Object.fromEntries(
        ['vcpus', 'memory_mb', 'local_gb', 'hypervisor_type', 'hypervisor_version', 'hypervisor_hostname', 'disk_available_least'].map(
          (field) => [field, recorded[field]],
        ),
      ),
      cpu_info: JSON.parse(String(recorded.cpu_info)),
    },
  )
  assert.deepEqual(resources.supportedInstances, [{ arch: 'x86_64', hvType: 'fake', vmMode: 'hvm' }])
})

test('a host named compute has the node fake-mini, as upstream', async () => {
  const driver = new FakeDriver({ log: nullLogger })
  await driver.initHost('compute')
  assert.deepEqual(await driver.availableNodes(), ['fake-mini'])
})

test('a paused or suspended guest counts as running, as upstream', async () => {
  const driver = await startedDriver()
  const guest = guestOf(uuid)
  await spawn(driver, guest)
  await driver.pausing.pause(guest.instance)
  await driver.suspending.suspend(ctx, guest.instance)
  assert.equal((await driver.guestInfo(uuid)).powerState, powerStates.running)
})

test('console output and diagnostics are the recorded ones', async () => {
  const driver = await startedDriver()
  const replies = readFixtureLines('wire/11-console-and-actions.jsonl').map((line) => JSON.parse(line).message)
  const resultOf = (method: string) => {
    const { _msg_id: id } = replies.find((message) => message.method === method)
    return replies.find((message) => message._msg_id === id && 'result' in message).result
  }
  const { instance } = guestOf(uuid)
  assert.equal((await driver.console.consoleOutput(ctx, instance)).toString(), resultOf('get_console_output'))
  const recorded = resultOf('get_instance_diagnostics')
  const sent = (await driver.diagnostics.instanceDiagnostics(instance)).objToPrimitive()
  assert.deepEqual(withoutChanges(sent), withoutChanges(recorded))
})

test('the address of a VNC console is the recorded one', async () => {
  const driver = await startedDriver()
  const authorized = readFixtureLines('wire/11-console-and-actions.jsonl')
    .map((line) => JSON.parse(line).message)
    .find(({ args }) => args?.objmethod === 'authorize').args.objinst['nova_object.data']
  assert.deepEqual(await driver.remoteConsoles.vnc?.(ctx, guestOf(uuid).instance), {
    host: authorized.host,
    port: authorized.port,
    internalAccessPath: authorized.internal_access_path,
  })
})

test('a volume is at its device until it is detached', async () => {
  const driver = await startedDriver()
  const { instance } = guestOf(uuid)
  const volume = { instance, connection: { serial: 'one' }, device: '/dev/vdb', diskBus: null, deviceType: null }
  await driver.volumes.attach(ctx, volume)
  await driver.volumes.swap(ctx, volume, { serial: 'two' })
  assert.deepEqual(driver.volumes.at(instance, '/dev/vdb'), { serial: 'two' })
  await driver.volumes.detach(ctx, volume)
  await driver.volumes.detach(ctx, volume)
  assert.equal(driver.volumes.at(instance, '/dev/vdb'), null)
})

/** The order of changes is not defined, and they are no part of what is said. */
function withoutChanges(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutChanges)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => key !== 'nova_object.changes')
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutChanges(item)]))
}

test('a guest that an earlier, Python nova-compute had can be given an interface, and loses it again', async () => {
  const { interfaceHotplug } = await startedDriver()
  const { instance } = guestOf(uuid)
  const vif = hydrateVif({ id: 'bbbbbbbb-0000-4000-8000-000000000001' })
  await interfaceHotplug.attachInterface(ctx, instance, vif)
  await assert.rejects(interfaceHotplug.attachInterface(ctx, instance, vif), (err) => isNovaError(err, 'InterfaceAttachFailed'))
  await interfaceHotplug.detachInterface(ctx, instance, vif)
  await assert.rejects(interfaceHotplug.detachInterface(ctx, instance, vif), (err) => isNovaError(err, 'InstanceNotFound'))
})

test('only the owner can read the file of guests, whose folder is made', async (t) => {
  const stateFile = join(temporaryFolder(t), 'fake-guests', 'compute1.json')
  await spawn(await startedDriver(stateFile), guestOf(uuid))
  assert.equal(statSync(stateFile).mode & 0o777, 0o600)
})

test('guests that are spawned at once are all in the file when their spawns return', async (t) => {
  const stateFile = join(temporaryFolder(t), 'guests.json')
  const driver = await startedDriver(stateFile)
  const uuids = Array.from({ length: 20 }, (_, i) => `aaaaaaaa-0000-4000-8000-${String(i).padStart(12, '0')}`)
  await Promise.all(
    uuids.map(async (one) => {
      await spawn(driver, guestOf(one))
      assert.ok(readFileSync(stateFile, 'utf8').includes(one))
    }),
  )
  assert.deepEqual(await (await startedDriver(stateFile)).listGuests(), uuids)
})

for (const [what, text] of [
  ['is no JSON', '{'],
  ['holds something else', '{"guests":[{"uuid":1}]}'],
  ['holds a power state that is none', '{"guests":[{"uuid":"a","powerState":99}]}'],
] as const) {
  test(`a state file that ${what} keeps the driver from starting, and stays as it is`, async (t) => {
    const stateFile = join(temporaryFolder(t), 'guests.json')
    writeFileSync(stateFile, text)
    await assert.rejects(startedDriver(stateFile), { code: 'bad_state_file' })
    assert.equal(readFileSync(stateFile, 'utf8'), text)
  })
}
