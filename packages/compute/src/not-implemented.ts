import { PythonError } from '@micronova/messaging'
import { isKindOf } from '@micronova/model'

/** What a Zed peer gets from a driver that cannot do what was asked: Python's `NotImplementedError`. */
export function notImplementedError(message?: string): PythonError {
  return new PythonError('NotImplementedError', ...(message === undefined ? [] : [message]))
}

/** @example `(driver.pausing ?? notImplemented()).pause(instance)` */
export function notImplemented(): never {
  throw notImplementedError()
}

export function isNotImplemented(err: unknown): boolean {
  return isKindOf(err, 'NotImplementedError')
}
