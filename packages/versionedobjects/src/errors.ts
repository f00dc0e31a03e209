/**
 * Names of what can go wrong. Those that end the list are Python's own; the others are the classes of
 * `oslo_versionedobjects.exception`, by which a peer knows them, and `ObjectFieldNotSet`, which a peer sees as `NotImplementedError`.
 */
export type VersionedObjectErrorKind =
  | 'IncompatibleObjectVersion'
  | 'InvalidTargetVersion'
  | 'ObjectActionError'
  | 'ObjectFieldNotSet'
  | 'ReadOnlyFieldError'
  | 'UnsupportedObjectError'
  | 'AttributeError'
  | 'OverflowError'
  | 'TypeError'
  | 'ValueError'

/** Root of everything this package throws. Switch on `kind`; `message` is the text that a Python peer would have sent. */
export class VersionedObjectError extends Error {
  override readonly name: string = 'VersionedObjectError'
  readonly kind: VersionedObjectErrorKind
  /** What the message names, as upstream's exception carries it. */
  readonly kwargs: Readonly<Record<string, string>>

  constructor(kind: VersionedObjectErrorKind, message: string, kwargs: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
    this.kwargs = kwargs
  }
}

/** A field was read that nobody has set. The object is unchanged. */
export class ObjectFieldNotSet extends VersionedObjectError {
  override readonly name = 'ObjectFieldNotSet'
  readonly objectName: string
  readonly field: string

  constructor(objectName: string, field: string) {
    super('ObjectFieldNotSet', `Cannot load '${field}' in the base class`)
    this.objectName = objectName
    this.field = field
  }
}

/** A value that a field cannot take. */
export function valueError(message: string): VersionedObjectError {
  return new VersionedObjectError('ValueError', message)
}

/** Nobody here knows an object of this name. */
export function unsupportedObject(objtype: string): VersionedObjectError {
  return new VersionedObjectError('UnsupportedObjectError', `Unsupported object type ${objtype}`, { objtype })
}

/** The object is known, but not in this version. `supported` is the newest version of it here. */
export function incompatibleVersion(objname: string, objver: string, supported: string): VersionedObjectError {
  return new VersionedObjectError(
    'IncompatibleObjectVersion',
    `Version ${objver} of ${objname} is not supported, supported version is ${supported}`,
    { objname, objver, supported },
  )
}

/** `action` could not be done with the object, for `reason`. */
export function objectActionError(action: string, reason: string): VersionedObjectError {
  return new VersionedObjectError('ObjectActionError', `Object action ${action} failed because: ${reason}`, { action, reason })
}
