import { CommandFailed } from '../../usage-error.js'

/** Modules of operations, and the class that has the methods of each of their RPC namespaces; the empty one is that of the topic itself. */
const modules: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'nova.compute.manager': { '': 'ComputeManager' },
  'nova.conductor.manager': { '': 'ConductorManager', compute_task: 'ComputeTaskManager' },
  'nova.scheduler.manager': { '': 'SchedulerManager' },
  /** Of nova-api: nothing in the services here, but the default of the option, and one nova.conf serves several services. */
  'nova.compute.api': {},
}

/** Where a decorator comes from. */
export type DecoratorSource =
  | { readonly kind: 'declared'; readonly name: string }
  /** `path` is absolute. */
  | { readonly kind: 'file'; readonly path: string; readonly exported: string }

/** One entry of monkey_patch_modules. */
export interface Patch {
  readonly module: string
  readonly decorator: DecoratorSource
}

/**
 * What `monkey_patch_modules` asks for.
 *
 * @param declared names of the decorators that there are
 * @throws CommandFailed in one sentence
 */
export function planPatches(entries: readonly string[], declared: readonly string[]): Patch[] {
  return entries.map((entry) => {
    const [, module = '', decorator = ''] = /^([^:]*):(.*)$/s.exec(entry) ?? []
    if (module === '' || decorator === '') throw refusal(entry, 'it must be MODULE:DECORATOR')
    if (!Object.hasOwn(modules, module)) throw refusal(entry, `there is no module ${module}, there are ${Object.keys(modules).join(', ')}`)
    return { module, decorator: sourceOf(entry, decorator, declared) }
  })
}

function sourceOf(entry: string, decorator: string, declared: readonly string[]): DecoratorSource {
  if (!decorator.startsWith('/')) {
    if (declared.includes(decorator)) return { kind: 'declared', name: decorator }
    throw refusal(
      entry,
      `there is no decorator ${decorator}, there is ${declared.join(', ')}, and any of your own as /path/to/module.mjs#export`,
    )
  }
  const [path = '', exported = '', ...more] = decorator.split('#')
  if (exported === '' || more.length > 0) throw refusal(entry, 'the decorator of a file must be /path/to/module.mjs#export')
  return { kind: 'file', path, exported }
}

function refusal(entry: string, why: string): CommandFailed {
  return new CommandFailed(`monkey_patch_modules: '${entry}': ${why}`)
}

/** The class of `module` that has the methods of an RPC namespace; undefined: none, as for `baseapi`. */
export function classOf(module: string, namespace: string | null | undefined): string | undefined {
  return modules[module]?.[namespace ?? '']
}
