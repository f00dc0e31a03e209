import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareWithReference } from '@micronova/config'
import { readFixtureJson } from '@micronova/testing'
import { fingerprint, fingerprintText, ObjectRegistry } from '@micronova/versionedobjects'
import { osVifLinuxBridgeOptions, osVifObjects, osVifOvsOptions } from '../../src/index.js'

interface ReferenceObject {
  readonly version: string
  readonly namespace: string
  readonly serial_namespace: string
  readonly fingerprint: string
  readonly obj_tree_versions: Readonly<Record<string, string>>
}

/** os-vif 3.0.0, introspected. */
const reference = readFixtureJson<{ os_vif: Readonly<Record<string, ReferenceObject>> }>('reference/objects.json').os_vif
const texts = readFixtureJson<{ objects: Readonly<Record<string, { input: string }>> }>('reference/objects-fingerprint-input.json').objects
const registry = new ObjectRegistry(osVifObjects)

test('every object of os-vif is declared, 31 in all, each once', () => {
  assert.equal(osVifObjects.length, 31)
  assert.deepEqual(osVifObjects.map((objectClass) => objectClass.objName).sort(), Object.keys(reference).sort())
})

for (const [name, expected] of Object.entries(reference))
  test(`${name} has upstream's fingerprint, namespaces and manifest`, () => {
    const objectClass = registry.get(name)!
    // The table of texts has Nova's object where both have one of a name.
    if (texts[name]?.input !== undefined && name !== 'Network') assert.equal(fingerprintText(objectClass), texts[name].input)
    assert.equal(fingerprint(objectClass), expected.fingerprint)
    assert.equal(objectClass.objDefinition.serialNamespace, expected.serial_namespace)
    assert.equal(objectClass.objDefinition.projectNamespace, expected.namespace)
    assert.deepEqual(registry.treeVersions(name), expected.obj_tree_versions)
  })

test('the options of the plugs have the names, types and defaults of os-vif', () => {
  assert.deepEqual(compareWithReference([osVifOvsOptions, osVifLinuxBridgeOptions]), [])
})
