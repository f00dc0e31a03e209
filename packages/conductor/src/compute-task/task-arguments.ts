import { PythonError } from '@micronova/messaging'
import type { Instance } from '@micronova/model'
import { type AnyObjectClass, type ObjectOf, VersionedObject } from '@micronova/versionedobjects'

/** The arguments of a message, by wire name. A value of another kind than a task needs is answered with Python's `TypeError`. */
export class TaskArguments {
  readonly #values: Readonly<Record<string, unknown>>

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values
  }

  object<C extends AnyObjectClass>(objectClass: C, name: string): ObjectOf<C> {
    const value = this.optionalObject(objectClass, name)
    if (value === null) throw wrong(name, objectClass.objName)
    return value
  }

  optionalObject<C extends AnyObjectClass>(objectClass: C, name: string): ObjectOf<C> | null {
    const value = this.#values[name] ?? null
    if (value !== null && !isOf(objectClass, value)) throw wrong(name, objectClass.objName)
    return value
  }

  objects<C extends AnyObjectClass>(objectClass: C, name: string): ObjectOf<C>[] {
    return this.list(name).map((value) => {
      if (!isOf(objectClass, value)) throw wrong(name, `a list of ${objectClass.objName}`)
      return value
    })
  }

  list(name: string): readonly unknown[] {
    const value = this.#values[name] ?? []
    if (!Array.isArray(value)) throw wrong(name, 'a list')
    return value
  }

  texts(name: string): readonly string[] {
    const values = this.list(name)
    if (!values.every((value): value is string => typeof value === 'string')) throw wrong(name, 'a list of strings')
    return values
  }

  dict(name: string): Readonly<Record<string, unknown>> {
    const value = this.#values[name] ?? {}
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof VersionedObject) throw wrong(name, 'a dict')
    return value as Readonly<Record<string, unknown>>
  }

  text(name: string): string | null {
    const value = this.#values[name] ?? null
    if (value !== null && typeof value !== 'string') throw wrong(name, 'a string')
    return value
  }

  flag(name: string): boolean | null {
    const value = this.#values[name] ?? null
    return value === null ? null : Boolean(value)
  }

  has(name: string): boolean {
    return (this.#values[name] ?? null) !== null
  }
}

function isOf<C extends AnyObjectClass>(objectClass: C, value: unknown): value is ObjectOf<C> {
  return value instanceof VersionedObject && value.objName === objectClass.objName
}

function wrong(name: string, wanted: string): PythonError {
  return new PythonError('TypeError', `argument '${name}' must be ${wanted}`)
}

/** For tasks that need what a caller may have left out. */
export type WithInstance = { readonly instance: Instance }
