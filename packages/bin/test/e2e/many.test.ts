import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBoot } from './support/boots.js'
import { Cell } from './support/cell.js'
import { eventually } from './support/eventually.js'
import { servicesSkip } from './support/services.js'

const hosts = ['compute1', 'compute2'] as const
const buildsOnEach = 20

test('builds at once', { skip: servicesSkip, timeout: 120_000 }, async (t) => {
  const cell = await Cell.create(t)
  // Both read the schema that the first has made; from then on they share the queue.
  await cell.start('nova-conductor', { conductor: { workers: 2 } })
  await cell.start('nova-conductor', { DEFAULT: { host: 'controller2' }, conductor: { workers: 2 } })
  const [first, second] = await Promise.all(hosts.map((host) => cell.start('nova-compute', { DEFAULT: { host } })))
  const plane = cell.controlPlane()
  const states = async (uuids: readonly string[]) => {
    const rows = await cell.instances()
    return uuids.map((uuid) => rows.get(uuid))
  }
  const boot = async () => {
    const boots = await Promise.all(hosts.flatMap((host) => Array.from({ length: buildsOnEach }, () => createBoot(plane, host))))
    await Promise.all(boots.map(({ build }) => build()))
    return boots.map(({ uuid }) => uuid)
  }
  const allActive = (uuids: readonly string[]) =>
    eventually(
      'every instance is ACTIVE',
      async () =>
        (await states(uuids)).every((state) => state?.vm_state === 'active' && state.task_state === null && state.power_state === 1) ||
        undefined,
      60_000,
    )
  const someBegun = (uuids: readonly string[]) =>
    eventually('a build is under way', async () => (await states(uuids)).some((state) => state?.task_state !== 'scheduling') || undefined)

  await t.test('on two computes over two conductors with two workers each, each becomes ACTIVE on its host', async () => {
    const uuids = await boot()
    await allActive(uuids)
    const rows = await cell.instances()
    for (const [index, host] of hosts.entries()) {
      const own = uuids.slice(index * buildsOnEach, (index + 1) * buildsOnEach)
      assert.deepEqual(
        own.map((uuid) => rows.get(uuid)?.host),
        own.map(() => host),
      )
      assert.deepEqual(cell.guests(host), [...own].sort())
    }
    const nodes = await cell.database.kysely.selectFrom('compute_nodes').select(['running_vms', 'vcpus_used']).execute()
    assert.deepEqual(
      nodes.map(({ running_vms, vcpus_used }) => [running_vms, vcpus_used]),
      hosts.map(() => [buildsOnEach, buildsOnEach]),
    )
  })

  await t.test('one compute that stops in their midst finishes what it took, and the rest when it comes again', async () => {
    const uuids = await boot()
    await someBegun(uuids)
    assert.deepEqual(await first?.stop(), { status: 0, signal: null })
    await cell.start('nova-compute', { DEFAULT: { host: hosts[0] } })
    await allActive(uuids)
  })

  await t.test('one compute that is killed in their midst leaves none in a task', async () => {
    const uuids = await boot()
    await someBegun(uuids)
    await second?.kill()
    await cell.start('nova-compute', { DEFAULT: { host: hosts[1] } })
    await eventually(
      'every build has ended',
      async () =>
        (await states(uuids)).every(
          (state) => (state?.vm_state === 'active' || state?.vm_state === 'error') && state.task_state === null,
        ) || undefined,
      60_000,
    )
    const rows = await cell.instances()
    const active = [...rows].filter(([, { host, vm_state }]) => host === hosts[1] && vm_state === 'active').map(([uuid]) => uuid)
    assert.deepEqual(cell.guests(hosts[1]), active.sort())
  })
})
