import { InvalidArguments } from '@micronova/messaging'
import { BlockDeviceMapping, BlockDeviceMappingList, Flavor, Instance, Migration, NetworkRequestList } from '@micronova/model'
import type { WireArguments } from './operation.js'

/** What a parameter of this name is, in whichever method. */
interface Expected {
  readonly is: string
  fits(value: unknown): boolean
}

function one(objectClass: abstract new (...args: never[]) => object): Expected {
  return { is: `an object ${objectClass.name}`, fits: (value) => value instanceof objectClass }
}

function oneOrNull(objectClass: abstract new (...args: never[]) => object): Expected {
  const { is, fits } = one(objectClass)
  return { is: `${is} or null`, fits: (value) => value === null || fits(value) }
}

function listOf(element: Expected): Expected {
  return { is: `a list, each ${element.is}`, fits: (value) => Array.isArray(value) && value.every((each) => element.fits(each)) }
}

const anInstance: Expected = {
  is: 'an object Instance with a uuid',
  fits: (value) => value instanceof Instance && value.objIsSet('uuid') && Boolean(value.uuid),
}

const expected: Readonly<Record<string, Expected>> = {
  instance: anInstance,
  instances: listOf(anInstance),
  migration: oneOrNull(Migration),
  bdm: one(BlockDeviceMapping),
  bdms: oneOrNull(BlockDeviceMappingList),
  block_device_mapping: oneOrNull(BlockDeviceMappingList),
  requested_networks: oneOrNull(NetworkRequestList),
  flavor: one(Flavor),
  instance_type: one(Flavor),
}

/**
 * A request whose objects are none, or others, is refused before anything is done for it: without an instance there is nothing that
 * could be locked, told or put right.
 *
 * @throws InvalidArguments, which a Python peer sees as the TypeError that it would have met somewhere in the midst
 */
export function checkObjects(method: string, args: WireArguments): void {
  for (const [name, value] of Object.entries(args)) {
    const wanted = expected[name]
    if (wanted === undefined || wanted.fits(value)) continue
    throw new InvalidArguments(`${method}() needs ${wanted.is} as argument '${name}', not ${kindOf(value)}`)
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Instance) return 'one without a uuid'
  return typeof value === 'object' ? `an object ${value.constructor.name}` : `a ${typeof value}`
}
