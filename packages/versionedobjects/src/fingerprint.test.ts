import assert from 'node:assert/strict'
import { test } from 'node:test'
import { classMethod, enumType, f, fingerprint, fingerprintText, instanceMethod, objectFamily } from './index.js'

const { defineObject, defineList } = objectFamily({ serialNamespace: 'versioned_object', projectNamespace: 'zoo' })
const none = "<class 'oslo_versionedobjects.fields.UnspecifiedDefault'>"

test('the text tells fields by name with their types, defaults and words', () => {
  const Thing = defineObject({
    name: 'Thing',
    version: '1.0',
    fields: {
      size: f.float({ default: 1 }),
      kind: f.enum(enumType('Kind', ['only']), { nullable: true }),
      mood: f.words(['good', 'bad'], { default: 'good' }),
      ids: f.set(f.integer(), { default: () => new Set([2, 1]) }),
      tags: f.dict(f.string(), { default: () => ({}) }),
    },
  })
  assert.equal(
    fingerprintText(Thing),
    "([('ids', Set(default=set([1,2]),nullable=False)), " +
      `('kind', Kind(default=${none},nullable=True,valid_values=('only',))), ` +
      "('mood', Enum(default=good,nullable=False,valid_values=['good', 'bad'])), " +
      "('size', Float(default=1.0,nullable=False)), ('tags', Dict(default={},nullable=False))], [])",
  )
})

test('the text tells remotable methods by their signatures', () => {
  const Thing = defineObject({
    name: 'Thing',
    version: '1.0',
    fields: {},
    remotable: { save: instanceMethod(['force', false], '**more'), get: classMethod('id', ['cell', null], '*rest') },
  })
  assert.equal(
    fingerprintText(Thing),
    "([], [('get', ArgSpec(args=['cls', 'context', 'id', 'cell'], varargs='rest', keywords=None, defaults=(None,))), " +
      "('save', ArgSpec(args=['self', 'force'], varargs=None, keywords='more', defaults=(False,)))])",
  )
})

test('a list tells the versions of its items, a payload its schema', () => {
  const Thing = defineObject({ name: 'Thing', version: '1.0', fields: {}, schema: { b: ['thing', 'id'], a: ['thing', 'name'] } })
  assert.equal(fingerprintText(Thing), "([], [], OrderedDict([('a', ('thing', 'name')), ('b', ('thing', 'id'))]))")
  const Things = defineList({ name: 'Things', version: '1.1', of: Thing, childVersions: { '1.1': '1.0' } })
  assert.equal(fingerprintText(Things), `([('objects', List(default=${none},nullable=False))], [], OrderedDict([('1.1', '1.0')]))`)
})

test('the fingerprint is the version and the MD5 of the text', () => {
  const Empty = defineObject({ name: 'Empty', version: '2.7', fields: {} })
  assert.equal(fingerprint(Empty), '2.7-77509ea1ea0dd750d5864b9bd87d3f9d')
})
