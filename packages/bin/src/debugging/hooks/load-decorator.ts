import { createRequire } from 'node:module'
import { CommandFailed } from '../../usage-error.js'
import type { Decorator } from './decorator.js'
import type { DecoratorSource } from './plan.js'

/**
 * The decorator of `source`.
 *
 * A file is loaded with `require`, as a program that runs from the code cache has no `import()`; Node takes ES modules there from 20.19 and
 * 22.12 on, those that await at their top level excepted.
 *
 * @throws CommandFailed if there is none: one sentence with the file
 */
export function loadDecorator(source: DecoratorSource, declared: Readonly<Record<string, Decorator>>): Decorator {
  if (source.kind === 'declared') return declared[source.name] as Decorator
  const { path, exported } = source
  const decorator = exportsOf(path)[exported]
  if (typeof decorator !== 'function') throw new CommandFailed(`monkey_patch_modules: ${path} exports no function ${exported}`)
  return decorator as Decorator
}

function exportsOf(path: string): Readonly<Record<string, unknown>> {
  try {
    return createRequire(path)(path) as Readonly<Record<string, unknown>>
  } catch (err) {
    const [reason = ''] = (err instanceof Error ? `${err.name}: ${err.message}` : String(err)).split('\n', 1)
    throw new CommandFailed(`monkey_patch_modules: ${path} cannot be loaded: ${reason}`)
  }
}
