import { test } from 'node:test'
import { dialects, testCell } from '../databases.js'
import { computeNodeTests } from './suites/compute-nodes.js'
import { hostSurveyTests } from './suites/host-survey.js'
import { instanceRecordTests } from './suites/instance-records.js'
import { instanceTests } from './suites/instances.js'
import { recordedInstanceTests } from './suites/recorded-instance.js'
import { satelliteTests } from './suites/satellites.js'
import { serviceTests } from './suites/services.js'

// One database for all suites: to make it takes longer than to use it.
for (const dialect of dialects) {
  test(`${dialect.name}: stores`, { skip: dialect.skip }, async (t) => {
    const cell = await testCell(t, dialect)
    await t.test('services', (t) => serviceTests(t, cell))
    await t.test('compute nodes', (t) => computeNodeTests(t, cell))
    await t.test('instances', (t) => instanceTests(t, cell))
    await t.test('satellites of instances', (t) => satelliteTests(t, cell))
    await t.test('instances as wholes', (t) => instanceRecordTests(t, cell))
    await t.test('what a scheduler looks up', (t) => hostSurveyTests(t, cell))
    await t.test('instances off the wire', (t) => recordedInstanceTests(t, cell))
  })
}
