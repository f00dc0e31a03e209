import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CellMapping } from '@micronova/model'
import { checkUpgrade, worst } from '../check-upgrade.js'
import type { Deployment } from '../upgrade-check.js'
import { cell0Uuid, judgeCells, judgeHosts } from './cells-v2.js'
import { upgradeChecks } from './index.js'
import { judgeCount } from './machine-type.js'
import { judgeLowest } from './old-computes.js'
import { judgeRefusal, judgeVersion } from './placement-api.js'
import { isJson } from './policy-file.js'

const [success, warning, failure] = [0, 1, 2]

test('two cells are needed, and one of them is cell0', () => {
  const [cell0, other, third] = [{ uuid: cell0Uuid }, { uuid: 'a' }, { uuid: 'b' }]
  assert.match(judgeCells([])?.details ?? '', /has 0 of the two cells/)
  assert.equal(judgeCells([cell0])?.result, failure)
  assert.match(judgeCells([other, third])?.details ?? '', /is cell0/)
  assert.equal(judgeCells([other, cell0]), null)
})

test('no mapped host is a failure beside compute nodes, and a reminder on a fresh installation', () => {
  assert.equal(judgeHosts(1).result, failure)
  assert.equal(judgeHosts(0).result, success)
  assert.match(judgeHosts(0).details ?? '', /discover_hosts/)
})

test('Placement must have 1.36, by number and not by text', () => {
  assert.equal(judgeVersion('1.35').result, failure)
  assert.equal(judgeVersion('1.4').result, failure)
  assert.equal(judgeVersion('1.36').result, success)
  assert.equal(judgeVersion('1.100').result, success)
})

test('each way in which Placement cannot be asked has a sentence of its own, and others are unexpected', () => {
  const of = (code: Parameters<typeof judgeRefusal>[0]['code'], service = 'placement') => judgeRefusal({ code, service })
  const told = [of('unauthorized'), of('no_endpoint'), of('not_found'), of('unreachable', 'identity')]
  assert.deepEqual(
    told.map((result) => result?.result),
    [failure, failure, failure, failure],
  )
  assert.equal(new Set(told.map((result) => result?.details)).size, 4)
  assert.equal(of('unreachable'), null)
  assert.equal(of('server_error'), null)
})

test('computes may be of Yoga and not older; cells without any do not count', () => {
  assert.equal(judgeLowest([]).result, success)
  assert.equal(judgeLowest([0, 61]).result, success)
  assert.equal(judgeLowest([0, 64, 60]).result, failure)
})

test('instances without a machine type are counted in a warning', () => {
  assert.equal(judgeCount(0).result, success)
  assert.equal(judgeCount(3).result, warning)
  assert.match(judgeCount(3).details ?? '', /^3 instances/)
})

test('a policy file counts as JSON if it can be read as such', () => {
  assert.ok(isJson('{"a": ""}'))
  assert.ok(!isJson('"a": ""\n'))
  assert.ok(!isJson('# nothing\n'))
})

function deployment(changes: Partial<Deployment> = {}): Deployment {
  const cells = [cell0Uuid, 'a'].map((uuid) => new CellMapping({ uuid, name: uuid, database_connection: uuid, transport_url: '' }))
  return {
    cellMappings: async () => cells,
    hostMappings: async () => 1,
    computeNodes: async () => 1,
    lowestCompute: async () => 64,
    instancesWithoutMachineType: async () => 0,
    placement: { maxMicroversion: async () => '1.39' },
    cinder: null,
    policyFile: () => null,
    serviceUser: { isSent: true },
    ...changes,
  }
}

test('the checks are those of Zed in its order, and a sound deployment succeeds in all', async () => {
  const results = await checkUpgrade(deployment())
  assert.deepEqual(
    results.map(({ name }) => name),
    [
      'Cells v2',
      'Placement API',
      'Cinder API',
      'Policy File JSON to YAML Migration',
      'Older than N-1 computes',
      'hw_machine_type unset',
      'Service User Token Configuration',
    ],
  )
  assert.equal(worst(results), success)
  assert.equal(upgradeChecks.length, results.length)
})

test('a warning is outdone by a failure, and the worst of all counts', async () => {
  const warned = { instancesWithoutMachineType: async () => 1 }
  assert.equal(worst(await checkUpgrade(deployment(warned))), warning)
  assert.equal(worst(await checkUpgrade(deployment({ ...warned, serviceUser: { isSent: false } }))), failure)
})

test('instances of cell0 are not asked for a machine type, and a cell that does not answer has no computes', async () => {
  const asked: string[] = []
  const results = await checkUpgrade(
    deployment({
      instancesWithoutMachineType: async ({ uuid }) => asked.push(uuid) - 1,
      lowestCompute: ({ uuid }) => (uuid === 'a' ? Promise.reject(new Error('away')) : Promise.resolve(64)),
    }),
  )
  assert.deepEqual(asked, ['a'])
  assert.equal(worst(results), success)
})

test('a Cinder whose version is not to be had is a warning, one that is too old a failure', async () => {
  const of = async (isMicroversionSupported: () => Promise<boolean>) =>
    (await checkUpgrade(deployment({ cinder: { isMicroversionSupported } }))).find(({ name }) => name === 'Cinder API')?.result
  assert.equal(await of(() => Promise.reject(new Error('away'))), warning)
  assert.equal(await of(async () => false), failure)
  assert.equal(await of(async () => true), success)
})

test('a check that cannot be made ends the command', async () => {
  await assert.rejects(checkUpgrade(deployment({ cellMappings: () => Promise.reject(new Error('no database')) })), /no database/)
})
