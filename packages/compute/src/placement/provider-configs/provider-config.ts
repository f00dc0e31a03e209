import type { Inventory } from '@micronova/clients'
import { ProviderConfigInvalid } from '../../errors.js'

/** What an operator adds to the provider of a node: a part of a file of `[compute] provider_config_location`. */
export interface ProviderConfig {
  /** Name of the file, for the log. */
  readonly file: string
  /** Uuid or name of a provider, or `$COMPUTE_NODE`: every node that no other configuration names. */
  readonly provider: string
  /** By resource class; what is left out of an inventory Placement adds. */
  readonly inventories: Readonly<Record<string, Inventory>>
  readonly traits: readonly string[]
}

export const everyNode = '$COMPUTE_NODE'

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const nameForm = /^[A-Z0-9_]{1,255}$/
const versionForm = /^1\.(0|[1-9][0-9]*)$/
const integers = ['total', 'reserved', 'min_unit', 'max_unit', 'step_size'] as const
const custom = 'CUSTOM_'

/**
 * The configurations of a file whose YAML is read; those without anything to add are among them. Fields that are not known are
 * passed over where a later version of the form may have some.
 *
 * @throws ProviderConfigInvalid, which names the file and the field
 * @see nova 26.2.2, `compute/provider_config.py`
 */
export function parseProviderConfigs(
  document: unknown,
  file: string,
): { readonly version: string; readonly configs: readonly ProviderConfig[] } {
  const reader: Reader = new Reader(file)
  const { meta, providers, __source_file: reserved } = reader.mapping(document, '')
  const { schema_version: version } = reader.mapping(meta, 'meta')
  if (typeof version !== 'string' || !versionForm.test(version))
    reader.refuse('meta.schema_version', `must be a text such as '1.0', with 1 before the point, not ${JSON.stringify(version)}`)
  if (reserved !== undefined) reader.refuse('__source_file', 'is reserved')
  const list = providers === undefined ? [] : reader.list(providers, 'providers')
  return { version, configs: list.map((one, index) => parseProvider(reader, one, `providers[${index}]`, file)) }
}

function parseProvider(reader: Reader, value: unknown, at: string, file: string): ProviderConfig {
  const { identification, inventories = {}, traits = {} } = reader.mapping(value, at)
  return {
    file,
    provider: parseIdentification(reader, identification, `${at}.identification`),
    inventories: parseInventories(reader, reader.mapping(inventories, `${at}.inventories`).additional, `${at}.inventories.additional`),
    traits: parseTraits(reader, reader.mapping(traits, `${at}.traits`).additional, `${at}.traits.additional`),
  }
}

function parseIdentification(reader: Reader, value: unknown, at: string): string {
  const { uuid, name, ...others } = reader.mapping(value, at)
  if (Object.keys(others).length > 0 || (uuid === undefined) === (name === undefined))
    reader.refuse(at, 'must have either uuid or name, and nothing else')
  if (name !== undefined) {
    if (typeof name !== 'string' || name.length < 1 || name.length > 200)
      reader.refuse(`${at}.name`, 'must be a text of 1 to 200 characters')
    return name
  }
  if (typeof uuid !== 'string' || (uuid !== everyNode && !uuidForm.test(uuid)))
    reader.refuse(`${at}.uuid`, `must be a UUID or ${everyNode}`)
  return uuid
}

/** A list of mappings; of two inventories of a class the later one counts. */
function parseInventories(reader: Reader, value: unknown, at: string): ProviderConfig['inventories'] {
  const found: Record<string, Inventory> = {}
  const list = value === undefined ? [] : reader.list(value, at)
  for (const [index, item] of list.entries())
    for (const [resourceClass, inventory] of Object.entries(reader.mapping(item, `${at}[${index}]`))) {
      reader.customName(resourceClass, `${at}[${index}]`, 'resource classes')
      found[resourceClass] = parseInventory(reader, inventory, `${at}[${index}].${resourceClass}`)
    }
  return found
}

function parseInventory(reader: Reader, value: unknown, at: string): Inventory {
  const inventory = reader.mapping(value, at)
  for (const [field, number] of Object.entries(inventory)) {
    const isInteger = integers.some((name) => name === field)
    if (!isInteger && field !== 'allocation_ratio')
      reader.refuse(`${at}.${field}`, `is unknown: ${integers.join(', ')} and allocation_ratio are not`)
    if (typeof number !== 'number' || (isInteger && !Number.isInteger(number)))
      reader.refuse(`${at}.${field}`, `must be ${isInteger ? 'an integer' : 'a number'}`)
  }
  if (inventory.total === undefined) reader.refuse(`${at}.total`, 'is missing')
  return { total: 0, ...inventory } // each of its fields is a number that Placement knows
}

function parseTraits(reader: Reader, value: unknown, at: string): readonly string[] {
  const list = value === undefined ? [] : reader.list(value, at)
  const traits = list.map((trait, index) => reader.customName(trait, `${at}[${index}]`, 'traits'))
  return [...new Set(traits)]
}

/** Judges values by what they are, and says where in the file they stand. */
class Reader {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  refuse(at: string, what: string): never {
    throw new ProviderConfigInvalid(this.#file, at === '' ? what : `${at} ${what}`)
  }

  mapping(value: unknown, at: string): Readonly<Record<string, unknown>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      this.refuse(at, value === undefined ? 'is missing' : 'must be a mapping')
    return { ...value }
  }

  list(value: unknown, at: string): readonly unknown[] {
    if (!Array.isArray(value)) this.refuse(at, 'must be a list')
    return value
  }

  /** Those without the prefix are Nova's own, and the driver's to tell. */
  customName(value: unknown, at: string, kind: string): string {
    if (typeof value !== 'string' || !nameForm.test(value))
      this.refuse(at, `must be a name of A to Z, 0 to 9 and _, not ${JSON.stringify(value)}`)
    if (!value.startsWith(custom)) this.refuse(at, `is ${value}, but only ${kind} that begin with ${custom} may be added`)
    return value
  }
}
