import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureJson } from '@micronova/testing'
import { type EnumType, VersionedObjectError } from '@micronova/versionedobjects'
import { enums, powerStateName, powerStates, taskStates, taskStatesAllowing, vmStates, vmStatesAllowing } from './index.js'

const { states } = readFixtureJson<{ states: Readonly<Record<string, Readonly<Record<string, unknown>>>> }>('reference/virt-driver.json')

test('vm, task and power states are those of Nova', () => {
  assert.deepEqual(vmStates, Object.values(states.vm_states!))
  assert.deepEqual(taskStates, Object.values(states.task_states!))
  assert.deepEqual(Object.values(powerStates), Object.values(states.power_state!))
  for (const [number, name] of Object.entries(states.power_state_map!)) assert.equal(powerStateName(Number(number)), name)
  assert.equal(powerStateName(null), 'pending')
})

test('the states that allow something are those of Nova', () => {
  const { ALLOW_SOFT_REBOOT: soft, ALLOW_HARD_REBOOT: hard, ALLOW_TRIGGER_CRASH_DUMP: dump } = states.vm_states_lists!
  const { snapshot, ...listed } = vmStatesAllowing
  assert.deepEqual(listed, { softReboot: soft, hardReboot: hard, triggerCrashDump: dump })
  // Upstream has no list of these: nova-api names them where it takes a snapshot (compute/api.py).
  assert.deepEqual(snapshot, ['active', 'stopped', 'paused', 'suspended'])
  assert.deepEqual(taskStatesAllowing.reboot, states.task_states_lists!.ALLOW_REBOOT)
})

test("every enum has its words in upstream's order", () => {
  const reference = readFixtureJson<{ enums: Readonly<Record<string, readonly string[]>> }>('reference/objects.json').enums
  const declared = Object.fromEntries(Object.entries(enums).map(([name, type]: [string, EnumType<string>]) => [name, type.validValues]))
  assert.deepEqual(declared, reference)
  for (const [name, type] of Object.entries(enums)) assert.equal(type.name, name)
})

test('other spellings become words, and what is no text is refused', () => {
  assert.equal(enums.Architecture.coerce('AMD64', 'arch'), 'x86_64')
  assert.equal(enums.InstancePowerState.coerce(4, 'state'), 'shutdown')
  assert.throws(
    () => enums.OSType.coerce(5, 'os_type'),
    (err) => err instanceof VersionedObjectError && err.kind === 'AttributeError',
  )
})
