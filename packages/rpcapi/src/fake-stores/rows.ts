import type { Clock } from '@micronova/lifecycle'
import type { VersionedObject } from '@micronova/versionedobjects'

type Fields = Readonly<Record<string, unknown>>

/** The rows of one table in memory: objects as they were last written, by id. What goes in and what comes out are copies. */
export class Rows<T extends VersionedObject> {
  readonly #rows = new Map<number, T>()
  readonly #clock: Clock
  readonly #apart: readonly string[]
  #lastId = 0

  /** @param apart fields, beside those with objects in them, that no column of this table stands for */
  constructor(clock: Clock, apart: readonly string[] = []) {
    this.#clock = clock
    this.#apart = apart
  }

  /** A copy of each row for which `wanted` holds, in the order of creation. */
  filter(wanted: (row: T) => boolean): T[] {
    return [...this.#rows.values()].filter(wanted).map((row) => row.objClone())
  }

  find(wanted: (row: T) => boolean): T | undefined {
    return this.filter(wanted)[0]
  }

  /** Keep `object` as a new row, and put into it what a database decides: id, times, `decided`, and null for what is not given. */
  insert(object: T, decided: Fields = {}): void {
    const id = ++this.#lastId
    const row = object.objClone()
    const times = { created_at: this.now(), updated_at: null, deleted_at: null, deleted: false }
    row.objSetStored(fieldsOf(row, { ...this.#missing(row), ...decided, ...times, id }))
    row.objResetChanges(undefined, { recursive: true })
    this.#rows.set(id, row)
    this.#showStored(object, row)
  }

  /** Write the changed fields of `object` to its row, and show it what the row now holds. @returns false if there is no such row */
  update(object: T, further: Fields = {}): boolean {
    const row = this.#rows.get(idOf(object))
    if (row === undefined) return false
    const changes = object.objClone().objGetChanges()
    row.objSetStored(fieldsOf(row, { ...changes, updated_at: this.now(), ...further }))
    row.objResetChanges(undefined, { recursive: true })
    this.#showStored(object, row)
    return true
  }

  delete(object: T): boolean {
    return this.#rows.delete(idOf(object))
  }

  /** Null, or the default, for each column that was not given. */
  #missing(object: T): Fields {
    const unset = this.#columnsOf(object).filter(([name, field]) => !object.objIsSet(name) && (field.nullable || field.hasDefault))
    return Object.fromEntries(unset.map(([name, field]) => [name, field.nullable ? null : field.defaultFor(name)]))
  }

  /** Put what `row` holds into `object`. What is no column is not read again by a write: it stays, with the changes in it. */
  #showStored(object: T, row: T): void {
    const stored: Fields = row.objClone().objGetSet()
    const shown = this.#columnsOf(object).filter(([name]) => stored[name] !== undefined)
    object.objSetStored(Object.fromEntries(shown.map(([name]) => [name, stored[name]])))
    object.objResetChanges()
  }

  /** A field with an object in it is a satellite, not a column. */
  #columnsOf(object: T) {
    return Object.entries(object.objFields).filter(([name, field]) => !field.type.child && !this.#apart.includes(name))
  }

  /** The time as a database keeps it: whole seconds. */
  now(): Date {
    return new Date(Math.floor(this.#clock.now() / 1000) * 1000)
  }
}

function idOf(object: VersionedObject): number {
  return object.objIsSet('id') ? (object.objGet('id') as number) : 0
}

/** Of `values`, those that are fields of `object`. */
function fieldsOf(object: VersionedObject, values: Fields): Fields {
  return Object.fromEntries(Object.entries(values).filter(([name]) => name in object.objFields))
}
