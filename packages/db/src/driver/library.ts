import { DatabaseError } from '../errors.js'

/**
 * Load the library of a server, which need not be installed for those who use another one.
 *
 * @throws DatabaseError `invalid_url` if it is not
 */
export async function loadLibrary<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (err) {
    if (!isModuleMissing(err)) throw err
    const why = `the npm package ${name} is not installed`
    throw new DatabaseError('invalid_url', `[database] connection cannot be used: ${why}`, { cause: err })
  }
}

export function isModuleMissing(err: unknown): boolean {
  const { code } = err as { code?: unknown }
  return code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND'
}
