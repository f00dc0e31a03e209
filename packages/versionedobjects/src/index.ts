export type { CompatStep, Primitive } from './compat.js'
export { type DerivedDeclaration, type ListDeclaration, type ObjectDeclaration, type ObjectFamily, objectFamily } from './define.js'
export type { Declaration, FamilyTraits, ObjectDefinition, ObjectLayout, ObjectTraits, WireKeys } from './definition.js'
export {
  ObjectFieldNotSet,
  VersionedObjectError,
  type VersionedObjectErrorKind,
  valueError,
} from './errors.js'
export { Field, type FieldMaker, type FieldOf, type FieldOptions, type FieldType, fieldMaker, type ObjectDecoder } from './field.js'
export { isoTime, parseIsoTime } from './fields/date-time.js'
export { type EnumType, type EnumValue, enumType } from './fields/enums.js'
export { f } from './fields/index.js'
export { fingerprint, fingerprintText } from './fingerprint.js'
export type { Json, JsonObject } from './json.js'
export {
  type AnyObjectClass,
  type FieldMap,
  type LineageOf,
  type ObjectClass,
  type ObjectInstance,
  type ObjectOf,
  type PrimitiveOptions,
  type Values,
  VersionedObject,
} from './object.js'
export { pythonRepr, pythonText, pythonTuple, pythonTypeName } from './python-text.js'
export { ObjectRegistry } from './registry.js'
export {
  classMethod,
  type DefaultValue,
  instanceMethod,
  type ParameterDeclaration,
  type RemotableMethod,
} from './remotable.js'
export { compareVersions, isBelow, isCompatible, parseVersion, type VersionParts } from './version.js'
