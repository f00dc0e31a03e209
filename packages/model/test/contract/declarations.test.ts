import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureJson } from '@micronova/testing'
import { type Field, fingerprint, fingerprintText } from '@micronova/versionedobjects'
import { notificationObjects, novaObjects, novaRegistry } from '../../src/index.js'

interface ReferenceField {
  readonly type: string
  readonly nullable: boolean
  readonly read_only?: boolean
  readonly object?: string
  readonly subclasses_allowed?: boolean
  readonly element?: ReferenceField
}

interface ReferenceObject {
  readonly version: string
  readonly namespace: string
  readonly serial_namespace: string
  readonly kind: 'object' | 'notification'
  readonly fingerprint: string
  readonly fields: Readonly<Record<string, ReferenceField>>
  readonly obj_tree_versions: Readonly<Record<string, string>>
  readonly compat_rules?: readonly { readonly when: readonly { readonly version: string }[]; readonly removes?: readonly string[] }[]
}

/** Nova 26.2.2, introspected. */
const reference = readFixtureJson<{ nova: Readonly<Record<string, ReferenceObject>> }>('reference/objects.json').nova
const texts = readFixtureJson<{ objects: Readonly<Record<string, { input: string }>> }>('reference/objects-fingerprint-input.json').objects
const registry = novaRegistry()
const classes = [...novaObjects, ...notificationObjects]

test('every object of Nova is declared, 106 of RPC and 62 of notifications', () => {
  assert.equal(novaObjects.length, 106)
  assert.equal(notificationObjects.length, 62)
  assert.deepEqual(classes.map((objectClass) => objectClass.objName).sort(), Object.keys(reference).sort())
})

for (const [name, expected] of Object.entries(reference)) {
  const objectClass = registry.get(name)!

  test(`the fingerprint of ${name} equals upstream's, and so does the text that it digests`, () => {
    assert.equal(fingerprintText(objectClass), texts[name]!.input)
    assert.equal(fingerprint(objectClass), expected.fingerprint)
  })

  test(`${name} declares what the fingerprint does not tell: elements, objects, what is read-only, namespaces`, () => {
    assert.equal(objectClass.objDefinition.serialNamespace, expected.serial_namespace)
    assert.equal(objectClass.objDefinition.projectNamespace, expected.namespace)
    const described = Object.fromEntries(Object.entries(objectClass.fields).map(([key, field]) => [key, describeField(field)]))
    const wanted = Object.fromEntries(Object.entries(expected.fields).map(([key, field]) => [key, describeReference(field)]))
    assert.deepEqual(described, wanted)
  })

  test(`the versions of all that can be in ${name} equal upstream's manifest`, () => {
    assert.deepEqual(registry.treeVersions(name), expected.obj_tree_versions)
  })

  test(`${name} goes out at each of its older versions`, () => {
    const [major, minor] = objectClass.objVersion.split('.').map(Number) as [number, number]
    const object = new objectClass()
    for (let older = minor; older >= 0; older--) {
      const primitive = object.objToPrimitive({ version: `${major}.${older}`, manifest: registry.treeVersions(name) })
      assert.equal(primitive['nova_object.version'], `${major}.${older}`)
    }
  })

  if (expected.compat_rules)
    test(`${name} leaves out for older receivers what upstream leaves out`, () => {
      const declared = new Set(
        (objectClass.objDefinition.compat ?? []).flatMap((step) => [
          ...(step.removes ?? []).map((field) => `${step.below} ${field}`),
          ...(step.change ? [`${step.below} changes`] : []),
        ]),
      )
      for (const { when, removes = [] } of expected.compat_rules ?? [])
        for (const field of removes) {
          const below = when[0]!.version
          assert.ok(declared.has(`${below} ${field}`) || declared.has(`${below} changes`), `${below} ${field}`)
        }
    })
}

function describeField(field: Field<unknown>): ReferenceField {
  const { name, child, element } = field.type
  return {
    type: name,
    nullable: field.nullable,
    ...(field.readOnly ? { read_only: true } : {}),
    ...(child && !child.many ? { object: child.objectClass.objName } : {}),
    ...(child?.subclasses && !child.many ? { subclasses_allowed: true } : {}),
    ...(element ? { element: describeField(element) } : {}),
  }
}

function describeReference(field: ReferenceField): ReferenceField {
  return {
    type: field.type,
    nullable: field.nullable,
    ...(field.read_only ? { read_only: true } : {}),
    ...(field.object ? { object: field.object } : {}),
    ...(field.subclasses_allowed ? { subclasses_allowed: true } : {}),
    ...(field.element ? { element: describeReference(field.element) } : {}),
  }
}
