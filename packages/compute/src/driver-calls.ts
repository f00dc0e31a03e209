import type { VirtDriver } from '@micronova/virt'
import type { Whereabout } from './whereabouts.js'

/** The optional interfaces of a driver are objects of their own, or the driver itself. */
const isInterface = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The driver as one operation has it: each call that takes time is a place. */
export function driverAt(here: Whereabout, driver: VirtDriver): VirtDriver {
  return observed(here, driver, 2)
}

/** @param depth interfaces of interfaces there are none */
function observed<T extends object>(here: Whereabout, target: T, depth: number): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value === 'function') return (...args: unknown[]) => called(here, String(name), Reflect.apply(value, target, args))
      return depth > 1 && isInterface(value) ? observed(here, value, depth - 1) : value
    },
  })
}

function called(here: Whereabout, name: string, result: unknown): unknown {
  if (!(result instanceof Promise)) return result
  const leave = here.enter(`driver: ${name}`)
  result.then(leave, leave)
  return result
}
