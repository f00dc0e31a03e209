import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { RecordingLogger } from '@micronova/log'
import { temporaryFolder } from '@micronova/testing'
import { host } from '../../../test/support/compute-fixture.js'
import { nodeUuid, placementFixture, takeRequests } from '../../../test/support/placement-fixture.js'
import { readProviderConfigs } from './read-provider-configs.js'

const yaml = (identification: string, { inventory = 'CUSTOM_LICENCE', version = "'1.0'" } = {}) => `meta:
  schema_version: ${version}
providers:
  - identification:
      ${identification}
    inventories:
      additional:
        - ${inventory}: {total: 22, reserved: 2}
    traits:
      additional: [CUSTOM_GOLD]
`

function folderWith(t: Parameters<typeof temporaryFolder>[0], files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const log = new RecordingLogger('nova')

test('the files of a folder are read by name; other files, and no folder, are fine', async (t) => {
  log.clear()
  const files = { 'b.yaml': yaml('name: node1'), 'a.yaml': yaml('uuid: $COMPUTE_NODE'), README: 'x', 'c.yml': '{' }
  const found = await readProviderConfigs(folderWith(t, files), log)
  assert.deepEqual(
    found.map(({ file, provider }) => [file, provider]),
    [
      ['a.yaml', '$COMPUTE_NODE'],
      ['b.yaml', 'node1'],
    ],
  )
  assert.deepEqual(await readProviderConfigs('/nowhere/at/all', log), [])
  assert.deepEqual(log.messages(), [])
})

test('a newer form, and a provider to which nothing is added, are warned of', async (t) => {
  log.clear()
  const idle = "meta: {schema_version: '1.0'}\nproviders: [{identification: {name: idle}}]\n"
  const found = await readProviderConfigs(folderWith(t, { 'a.yaml': yaml('name: node1', { version: "'1.4'" }), 'b.yaml': idle }), log)
  assert.deepEqual(
    found.map(({ provider }) => provider),
    ['node1'],
  )
  assert.equal(log.messages('WARNING').length, 2)
})

for (const [what, files, problem] of [
  ['no YAML', { 'a.yaml': 'meta: {\n  x: [1\n' }, /a\.yaml is wrong: line \d+, column \d+ is no YAML/],
  [
    'a provider twice in a file',
    { 'a.yaml': `${yaml('name: node1')}  - identification: {name: node1}\n    traits: {additional: [CUSTOM_A]}\n` },
    /a\.yaml is wrong: provider node1 is defined twice$/,
  ],
  [
    'a provider in two files',
    { 'a.yaml': yaml('name: node1'), 'b.yaml': yaml('name: node1') },
    /b\.yaml is wrong: provider node1 is defined in a\.yaml as well$/,
  ],
  [
    'a version that is a number',
    { 'a.yaml': yaml('name: node1', { version: '1.0' }) },
    /a\.yaml is wrong: meta\.schema_version must be a text/,
  ],
] as const) {
  test(`${what} is refused`, async (t) => {
    await assert.rejects(readProviderConfigs(folderWith(t, files), log), problem)
  })
}

async function reported(t: Parameters<typeof temporaryFolder>[0], files: Readonly<Record<string, string>>) {
  const fixture = await placementFixture({ section: { provider_config_location: folderWith(t, files) } })
  await fixture.parts.placement.readConfigs()
  await fixture.update()
  const { inventories, traits } = fixture.server.state
  const has = () => ({
    inventory: inventories.get(nodeUuid(fixture))?.CUSTOM_LICENCE,
    isGold: traits.get(nodeUuid(fixture))?.includes('CUSTOM_GOLD') ?? false,
    vcpus: inventories.get(nodeUuid(fixture))?.VCPU?.total,
  })
  return { fixture, has }
}

test('Placement gets what a file adds to every node, and an audit of what has not changed sends nothing', async (t) => {
  const { fixture, has } = await reported(t, { 'a.yaml': yaml('uuid: $COMPUTE_NODE') })
  const { inventory, isGold, vcpus } = has()
  assert.deepEqual([inventory?.total, inventory?.reserved, isGold, vcpus], [22, 2, true, 1000])
  assert.ok(takeRequests(fixture).includes('ensureResourceClass'))
  await fixture.update()
  assert.deepEqual(takeRequests(fixture), ['getProviderAllocations'])
})

test('a file that names the node stands before the one for every node', async (t) => {
  const files = { 'a.yaml': yaml('uuid: $COMPUTE_NODE'), 'b.yaml': yaml(`name: ${host}`, { inventory: 'CUSTOM_TAPE' }) }
  const { fixture, has } = await reported(t, files)
  assert.equal(has().inventory, undefined)
  assert.equal(fixture.server.state.inventories.get(nodeUuid(fixture))?.CUSTOM_TAPE?.total, 22)
})

test('a provider that is no node of this host is warned of once, and nothing is added to the node', async (t) => {
  const { fixture, has } = await reported(t, { 'a.yaml': yaml('name: other') })
  for (let i = 0; i < 3; i++) await fixture.update()
  assert.deepEqual([has().inventory, has().isGold], [undefined, false])
  assert.deepEqual(
    fixture.log.messages('WARNING').filter((message) => message.includes('other')),
    ['Provider other of the provider config file a.yaml is no node of this host and is passed over'],
  )
})

test('what a file no longer adds is taken off the inventory', async (t) => {
  const { fixture, has } = await reported(t, { 'a.yaml': yaml('uuid: $COMPUTE_NODE') })
  fixture.restart() // and the file is not read again
  await fixture.update()
  assert.equal(has().inventory, undefined)
  assert.equal(has().vcpus, 1000)
})
