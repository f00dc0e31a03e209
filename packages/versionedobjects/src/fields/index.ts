import { type Field, type FieldOf, type FieldOptions, fieldMaker, fieldOf } from '../field.js'
import type { AnyObjectClass, ObjectOf } from '../object.js'
import {
  ipAddressFieldType,
  ipNetworkType,
  ipv4AddressType,
  ipv4AndV6AddressType,
  ipv6AddressType,
  macAddressType,
  pciAddressType,
  uuidType,
} from './addresses.js'
import { dictType, listType, setType } from './collections.js'
import { dateTimeType } from './date-time.js'
import { type EnumType, enumType } from './enums.js'
import { objectType } from './object-type.js'
import {
  booleanType,
  flexibleBooleanType,
  floatType,
  integerType,
  nonNegativeFloatType,
  nonNegativeIntegerType,
  sensitiveStringType,
  stringType,
} from './scalars.js'
import { versionPredicateType } from './version-predicate.js'

/** A field of one object. `subclasses`: or of one derived from it. */
function object<
  C extends AnyObjectClass,
  const O extends FieldOptions<ObjectOf<C>> & { readonly subclasses?: boolean } = Record<never, never>,
>(objectClass: C, options?: O): FieldOf<ObjectOf<C>, O> {
  const { subclasses = false } = options ?? {}
  return fieldOf(objectType(objectClass, { subclasses }), options ?? ({} as O))
}

/** A field whose values are words. */
function enumeration<V extends string, const O extends FieldOptions<V> = Record<never, never>>(
  type: EnumType<V>,
  options?: O,
): FieldOf<V, O> {
  return fieldOf(type, options ?? ({} as O))
}

/** A field of words that have no name as a type. */
function words<const V extends string, const O extends FieldOptions<V> = Record<never, never>>(
  values: readonly V[],
  options?: O,
): FieldOf<V, O> {
  return fieldOf(enumType('Enum', values), options ?? ({} as O))
}

function list<T, const O extends FieldOptions<T[]> = Record<never, never>>(element: Field<T>, options?: O): FieldOf<T[], O> {
  return fieldOf(listType(element), options ?? ({} as O))
}

function set<T, const O extends FieldOptions<Set<T>> = Record<never, never>>(element: Field<T>, options?: O): FieldOf<Set<T>, O> {
  return fieldOf(setType(element), options ?? ({} as O))
}

function dict<T, const O extends FieldOptions<Record<string, T>> = Record<never, never>>(
  element: Field<T>,
  options?: O,
): FieldOf<Record<string, T>, O> {
  return fieldOf(dictType(element), options ?? ({} as O))
}

/** Declares fields: `f.string({ nullable: true })`, `f.list(f.integer())`, `f.object(Flavor)`. */
export const f = {
  string: fieldMaker(stringType),
  sensitiveString: fieldMaker(sensitiveStringType),
  integer: fieldMaker(integerType),
  nonNegativeInteger: fieldMaker(nonNegativeIntegerType),
  float: fieldMaker(floatType),
  nonNegativeFloat: fieldMaker(nonNegativeFloatType),
  boolean: fieldMaker(booleanType),
  flexibleBoolean: fieldMaker(flexibleBooleanType),
  dateTime: fieldMaker(dateTimeType),
  uuid: fieldMaker(uuidType),
  macAddress: fieldMaker(macAddressType),
  pciAddress: fieldMaker(pciAddressType),
  ipAddress: fieldMaker(ipAddressFieldType),
  ipNetwork: fieldMaker(ipNetworkType),
  ipv4Address: fieldMaker(ipv4AddressType),
  ipv6Address: fieldMaker(ipv6AddressType),
  ipv4AndV6Address: fieldMaker(ipv4AndV6AddressType),
  versionPredicate: fieldMaker(versionPredicateType),
  enum: enumeration,
  words,
  list,
  set,
  dict,
  object,
} as const
