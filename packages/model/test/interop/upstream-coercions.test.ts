import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readFixtureText } from '@micronova/testing'
import { type EnumType, type Field, VersionedObjectError } from '@micronova/versionedobjects'
import { f } from '../../src/fields.js'
import { enums } from '../../src/index.js'

type Row = { readonly in: unknown } & ({ readonly out: unknown } | { readonly error: string; readonly message: string })

/** oslo.versionedobjects 3.0.1 and Nova 26.2.2 were asked what their field types make of these values. */
const { types } = JSON.parse(readFixtureText('upstream/objects-coercions.json'), reviveBigInt) as {
  types: Readonly<Record<string, readonly Row[]>>
}

const fields: Readonly<Record<string, Field<unknown>>> = {
  String: f.string(),
  Integer: f.integer(),
  NonNegativeInteger: f.nonNegativeInteger(),
  Float: f.float(),
  NonNegativeFloat: f.nonNegativeFloat(),
  Boolean: f.boolean(),
  FlexibleBoolean: f.flexibleBoolean(),
  UUID: f.uuid(),
  DateTime: f.dateTime(),
  IPAddress: f.ipAddress(),
  IPV4Address: f.ipv4Address(),
  IPV6Address: f.ipv6Address(),
  IPV4AndV6Address: f.ipv4AndV6Address(),
  MACAddress: f.macAddress(),
  PCIAddress: f.pciAddress(),
  VersionPredicate: f.versionPredicate(),
  ResourceClass: f.resourceClass(),
  USBAddress: f.usbAddress(),
  SCSIAddress: f.scsiAddress(),
  IDEAddress: f.ideAddress(),
  XenAddress: f.xenAddress(),
  ListOfStrings: f.list(f.string()),
  DictOfStrings: f.dict(f.string()),
  DictOfNullableStrings: f.dict(f.string({ nullable: true })),
  ListOfIntegers: f.list(f.integer()),
}

/** Where we differ, and why. */
const differences = new Map<string, string>([
  // Ours are in UTC; upstream keeps the zone and writes it in a form of its own.
  ['DateTime "2023-01-31T23:59:59+02:00"', '2023-01-31T21:59:59Z'],
  ['DateTime "2023-01-31T23:59:59-0530"', '2023-02-01T05:29:59Z'],
  ['DateTime "2023-01-31T23:59:59+05"', '2023-01-31T18:59:59Z'],
  // Upstream writes the year 1 with one digit and could not read it again.
  ['DateTime "0001-01-01T00:00:00Z"', '0001-01-01T00:00:00Z'],
  // Upstream takes the word MANUAL for true, and so never reads what it wrote.
  ['DiskConfig "MANUAL"', 'MANUAL'],
])

let known = 0
for (const [name, rows] of Object.entries(types)) {
  const field = fields[name] ?? f.enum(enums[name as keyof typeof enums] as EnumType<string>)
  test(`a ${name} field takes, changes and refuses ${rows.length} values as upstream does`, () => {
    for (const row of rows) {
      const label = `${name} ${printed(row.in)}`
      const difference = differences.get(label)
      if (difference !== undefined) known++
      assert.deepEqual(outcome(field, row.in), difference === undefined ? expectation(row) : { out: difference }, label)
    }
  })
}

test('each known difference was met', () => assert.equal(known, differences.size))

function outcome(field: Field<unknown>, value: unknown): unknown {
  try {
    const primitive = field.toPrimitive(field.coerce(value, 'field'))
    return { out: typeof primitive === 'number' && !Number.isFinite(primitive) ? pythonName(primitive) : primitive }
  } catch (err) {
    assert.ok(err instanceof VersionedObjectError, String(err))
    return { error: err.kind, message: err.message }
  }
}

function expectation(row: Row): unknown {
  return 'error' in row ? { error: row.error, message: row.message } : { out: row.out }
}

/** Infinity and NaN are no JSON: the samples have Python's words for them. */
function pythonName(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  return value > 0 ? 'inf' : '-inf'
}

function printed(value: unknown): string {
  return typeof value === 'bigint'
    ? value.toString()
    : JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? item.toString() : item))
}

function reviveBigInt(_: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && '$int' in value ? BigInt(String(value.$int)) : value
}
