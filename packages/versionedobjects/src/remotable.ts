import { pythonRepr, pythonTuple } from './python-text.js'

/** A value that a Python signature has as default. */
export type DefaultValue = string | number | boolean | null

/** A method that a service without a database calls through the conductor. */
export interface RemotableMethod {
  /** A class method is called on the name of the object, an instance method on an object with its changes. */
  readonly kind: 'class' | 'instance'
  /** Without `self`, or without `cls` and `context`. */
  readonly parameters: readonly { readonly name: string; readonly default?: DefaultValue }[]
  /** Name of Python's `*args`, if it takes any. */
  readonly varargs: string | null
  /** Name of Python's `**kwargs`, if it takes any. */
  readonly keywords: string | null
}

/** `'name'`, `['name', default]`, `'*args'` or `'**kwargs'`. */
export type ParameterDeclaration = string | readonly [name: string, value: DefaultValue]

/** Declare a remotable class method by its parameters after `cls` and `context`. */
export function classMethod(...parameters: readonly ParameterDeclaration[]): RemotableMethod {
  return declared('class', parameters)
}

/** Declare a remotable method by its parameters after `self`. */
export function instanceMethod(...parameters: readonly ParameterDeclaration[]): RemotableMethod {
  return declared('instance', parameters)
}

function declared(kind: RemotableMethod['kind'], declarations: readonly ParameterDeclaration[]): RemotableMethod {
  const stars = declarations.filter((item): item is string => typeof item === 'string' && item.startsWith('*'))
  return {
    kind,
    parameters: declarations
      .filter((item) => typeof item !== 'string' || !item.startsWith('*'))
      .map((item) => (typeof item === 'string' ? { name: item } : { name: item[0], default: item[1] })),
    varargs: stars.find((name) => !name.startsWith('**'))?.slice(1) ?? null,
    keywords: stars.find((name) => name.startsWith('**'))?.slice(2) ?? null,
  }
}

/** Python's `repr` of the method's `inspect.ArgSpec`, as fingerprints hold it. */
export function argSpecText(method: RemotableMethod): string {
  const own = method.kind === 'class' ? ['cls', 'context'] : ['self']
  const args = [...own, ...method.parameters.map((parameter) => parameter.name)]
  const defaults = method.parameters
    .filter((parameter) => parameter.default !== undefined)
    .map((parameter) => pythonRepr(parameter.default))
  const defaultsText = defaults.length === 0 ? 'None' : pythonTuple(defaults)
  return `ArgSpec(args=${pythonRepr(args)}, varargs=${pythonRepr(method.varargs)}, keywords=${pythonRepr(method.keywords)}, defaults=${defaultsText})`
}
