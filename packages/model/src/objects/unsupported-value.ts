import { type CompatStep, type Primitive, pythonTuple, type VersionParts } from '@micronova/versionedobjects'
import { novaError } from '../errors/nova-error.js'

/**
 * A compat step that refuses a receiver who would not understand a value of a field.
 *
 * @param message default: `<field>=<value> not supported in version <version>`
 * @throws NovaError `ObjectActionError` when it is applied
 */
export function refuses(
  below: string,
  field: string,
  values: readonly string[],
  message: (value: string, version: string) => string = (value, version) => `${field}=${value} not supported in version ${version}`,
): CompatStep {
  const change = (data: Primitive, target: VersionParts): void => {
    const value = data[field]
    if (typeof value === 'string' && values.includes(value))
      throw novaError('ObjectActionError', { action: 'obj_make_compatible', reason: message(value, pythonTuple(target.map(String))) })
  }
  return { below, change }
}
