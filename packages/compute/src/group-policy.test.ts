import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InstanceGroup, isNovaError, Migration, RequestSpec } from '@micronova/model'
import type { ServerGroups } from '@micronova/rpcapi'
import { computeFixture, type Fixture, forever, host, nextUuid, storedInstance } from '../test/support/compute-fixture.js'
import { checkGroupPolicy, schedulerHints } from './group-policy.js'

const groupUuid = nextUuid()

function groups(policy: string, members: readonly string[], options: { readonly hosts?: readonly string[]; readonly max?: string } = {}) {
  const asked: string[] = []
  const answer = async <T>(question: string, value: T): Promise<T> => {
    asked.push(question)
    return value
  }
  const group = InstanceGroup.objStored({
    uuid: groupUuid,
    policy,
    members: [...members],
    _rules: options.max === undefined ? {} : { max_server_per_host: options.max },
  })
  const serverGroups: ServerGroups = {
    ofInstance: (_ctx, uuid) => answer(`ofInstance ${uuid}`, group),
    byHint: (_ctx, hint) => answer(`byHint ${hint}`, group),
    byUuid: async () => group,
    hosts: (_ctx, _group, exclude) => answer(`hosts but of ${exclude.join()}`, options.hosts ?? []),
  }
  return { serverGroups, asked }
}

/** An instance that comes, and `others` that are here. */
async function arriving(others: number) {
  const fixture = computeFixture()
  await fixture.parts.driver.initHost(host, forever)
  const present = []
  for (let i = 0; i < others; i++) present.push(await storedInstance(fixture, { host, node: host, vm_state: 'active', task_state: null }))
  const instance = await storedInstance(fixture, { host: null, node: null, vm_state: 'building', task_state: null })
  return { fixture, present: present.map(({ uuid }) => uuid), instance }
}

function check({ parts, ctx }: Fixture, serverGroups: ServerGroups, instance: Parameters<typeof checkGroupPolicy>[2], checks = true) {
  const settings = { ...parts.settings, checksGroupPolicy: checks }
  return checkGroupPolicy({ ...parts, settings, serverGroups }, ctx, instance, { group: groupUuid })
}

const isViolation = (policy: string) => (err: unknown) =>
  isNovaError(err, 'GroupAffinityViolation') && err.message === `${policy} instance group policy was violated`

test('a host that has a member of an anti-affinity group refuses the next one, unless the rule allows more', async () => {
  const { fixture, present, instance } = await arriving(1)
  const members = [...present, instance.uuid, nextUuid()]
  await assert.rejects(check(fixture, groups('anti-affinity', members).serverGroups, instance), isViolation('Anti-affinity'))
  await check(fixture, groups('anti-affinity', members, { max: '2' }).serverGroups, instance)
  await check(fixture, groups('anti-affinity', [instance.uuid]).serverGroups, instance)
  await check(fixture, groups('soft-anti-affinity', members).serverGroups, instance)
})

test('a member that is on its way here counts as here', async () => {
  const { fixture, instance } = await arriving(0)
  const coming = nextUuid()
  const migration = new Migration({
    uuid: nextUuid(),
    instance_uuid: coming,
    source_compute: 'compute2',
    source_node: 'compute2',
    dest_compute: host,
    dest_node: host,
    status: 'migrating',
    migration_type: 'live-migration',
  })
  await fixture.stores.migrations.create(fixture.ctx, migration)
  const { serverGroups } = groups('anti-affinity', [coming, instance.uuid])
  await assert.rejects(check(fixture, serverGroups, instance), isViolation('Anti-affinity'))
  migration.status = 'error'
  await fixture.stores.migrations.save(fixture.ctx, migration)
  await check(fixture, serverGroups, instance)
})

test('a host on which no member of an affinity group is refuses it, unless there is none anywhere', async () => {
  const { fixture, instance } = await arriving(0)
  const elsewhere = groups('affinity', [], { hosts: ['compute2'] })
  await assert.rejects(check(fixture, elsewhere.serverGroups, instance), isViolation('Affinity'))
  assert.deepEqual(elsewhere.asked, [`byHint ${groupUuid}`, `hosts but of ${instance.uuid}`])
  await check(fixture, groups('affinity', [], { hosts: [host, 'compute2'] }).serverGroups, instance)
  await check(fixture, groups('affinity', []).serverGroups, instance)
})

test('nobody is asked for a request without a group, nor where the check is turned off', async () => {
  const { fixture, instance } = await arriving(0)
  const { serverGroups, asked } = groups('affinity', [], { hosts: ['compute2'] })
  await checkGroupPolicy({ ...fixture.parts, serverGroups }, fixture.ctx, instance, {})
  await check(fixture, serverGroups, instance, false)
  assert.deepEqual(asked, [])
})

test('a move whose request is not known asks for the group of the instance', async () => {
  const { fixture, instance } = await arriving(0)
  const { serverGroups, asked } = groups('anti-affinity', [])
  await checkGroupPolicy({ ...fixture.parts, serverGroups }, fixture.ctx, instance, null)
  assert.deepEqual(asked, [`ofInstance ${instance.uuid}`])
})

test('hints are those of the request spec, and of the filter properties where there is none', () => {
  const filterProperties = { scheduler_hints: { group: 'a' } }
  assert.deepEqual(schedulerHints(filterProperties, RequestSpec.objStored({ scheduler_hints: { group: ['b'] } })), { group: ['b'] })
  assert.deepEqual(schedulerHints(filterProperties, RequestSpec.objStored({ scheduler_hints: {} })), { group: 'a' })
  assert.deepEqual(schedulerHints(filterProperties, null), { group: 'a' })
  assert.deepEqual(schedulerHints({}, null), {})
})
