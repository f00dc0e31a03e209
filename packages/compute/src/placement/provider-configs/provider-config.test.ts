import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProviderConfigInvalid } from '../../errors.js'
import { parseProviderConfigs } from './provider-config.js'

const meta = { schema_version: '1.0' }
const identification = { uuid: '$COMPUTE_NODE' }
const oneWith = (values: object) => ({ meta, providers: [{ identification, ...values }] })
const inventoriesOf = (...additional: readonly unknown[]) => oneWith({ inventories: { additional } })

test('a configuration has the inventories and traits that it adds; what a later form has besides is passed over', () => {
  const inventory = { total: 100, reserved: 0, min_unit: 1, max_unit: 10, step_size: 1, allocation_ratio: 1.5 }
  const document = {
    meta: { schema_version: '1.3', author: 'somebody' },
    providers: [
      {
        identification: { name: 'node1' },
        inventories: { additional: [{ CUSTOM_LICENCE: inventory }, { CUSTOM_TAPE: { total: 1 } }], later: 1 },
        traits: { additional: ['CUSTOM_GOLD', 'CUSTOM_GOLD'] },
        later: true,
      },
    ],
    later: [],
  }
  assert.deepEqual(parseProviderConfigs(document, 'a.yaml'), {
    version: '1.3',
    configs: [
      { file: 'a.yaml', provider: 'node1', inventories: { CUSTOM_LICENCE: inventory, CUSTOM_TAPE: { total: 1 } }, traits: ['CUSTOM_GOLD'] },
    ],
  })
})

test('a file without providers adds nothing', () => {
  assert.deepEqual(parseProviderConfigs({ meta }, 'a.yaml').configs, [])
})

const wrong: readonly (readonly [what: string, document: unknown, problem: RegExp])[] = [
  ['nothing', null, /: must be a mapping$/],
  ['a list', [], /: must be a mapping$/],
  ['no meta', {}, /: meta is missing$/],
  ['a version that is a number', { meta: { schema_version: 1 } }, /: meta\.schema_version must be a text such as '1\.0', .* not 1$/],
  ['a later form', { meta: { schema_version: '2.0' } }, /: meta\.schema_version must be/],
  ['what is reserved', { meta, __source_file: 'b' }, /: __source_file is reserved$/],
  ['providers that are no list', { meta, providers: {} }, /: providers must be a list$/],
  ['no identification', { meta, providers: [{}] }, /: providers\[0\]\.identification is missing$/],
  ['both names', oneWith({ identification: { uuid: '$COMPUTE_NODE', name: 'a' } }), /identification must have either uuid or name/],
  ['neither name', oneWith({ identification: {} }), /identification must have either uuid or name/],
  ['another name', oneWith({ identification: { host: 'a' } }), /identification must have either uuid or name/],
  ['no UUID', oneWith({ identification: { uuid: 'node1' } }), /identification\.uuid must be a UUID or \$COMPUTE_NODE$/],
  ['an empty name', oneWith({ identification: { name: '' } }), /identification\.name must be a text of 1 to 200 characters$/],
  [
    'a trait of Nova',
    oneWith({ traits: { additional: ['HW_CPU_X86_AVX'] } }),
    /traits\.additional\[0\] is HW_CPU_X86_AVX, but only traits/,
  ],
  ['a small trait', oneWith({ traits: { additional: ['CUSTOM_ok'] } }), /traits\.additional\[0\] must be a name of A to Z/],
  ['a class of Nova', inventoriesOf({ VCPU: { total: 1 } }), /inventories\.additional\[0\] is VCPU, but only resource classes/],
  ['no total', inventoriesOf({ CUSTOM_A: { reserved: 1 } }), /inventories\.additional\[0\]\.CUSTOM_A\.total is missing$/],
  ['half a thing', inventoriesOf({ CUSTOM_A: { total: 1.5 } }), /CUSTOM_A\.total must be an integer$/],
  ['a ratio in words', inventoriesOf({ CUSTOM_A: { total: 1, allocation_ratio: 'two' } }), /CUSTOM_A\.allocation_ratio must be a number$/],
  ['an unknown field', inventoriesOf({ CUSTOM_A: { total: 1, ratio: 1 } }), /CUSTOM_A\.ratio is unknown/],
]

for (const [what, document, problem] of wrong)
  test(`${what} is refused in a sentence that names file and field`, () => {
    assert.throws(
      () => parseProviderConfigs(document, 'a.yaml'),
      (err) =>
        err instanceof ProviderConfigInvalid &&
        /^the provider config file a\.yaml is wrong: /.test(err.message) &&
        problem.test(err.message),
    )
  })
