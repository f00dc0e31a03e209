import type { OptionGroup } from './declare.js'
import { normalizedGroup, type Option, OptionTable } from './option-table.js'

export interface OptionLookupDeps {
  readonly declared: OptionTable
  /** The whole catalogue; asked for only when a name is not declared. */
  readonly reference: () => OptionTable
  /** The options of a group that only exists because another option says so. */
  readonly dynamicGroup: (group: string) => OptionGroup | undefined
}

/** Finds options by name: first among the declared ones, then in the catalogue. */
export class OptionLookup {
  readonly #deps: OptionLookupDeps
  readonly #dynamic = new Map<string, OptionTable>()

  constructor(deps: OptionLookupDeps) {
    this.#deps = deps
  }

  get declared(): OptionTable {
    return this.#deps.declared
  }

  get reference(): OptionTable {
    return this.#deps.reference()
  }

  isDeclared(option: Option): boolean {
    return this.declared.find(option.group, option.name) === option
  }

  /** The options that a name in a file means, declared ones before others. `rank` 0 is an option's present name. */
  meanings(group: string, name: string): readonly { readonly option: Option; readonly rank: number }[] {
    const declared = meaningsIn(this.declared, group, name)
    if (declared.length > 0) return declared
    const known = meaningsIn(this.reference, group, name)
    return known.length > 0 ? known : meaningsIn(this.#dynamicTable(normalizedGroup(group)), group, name)
  }

  find(group: string, name: string): Option | undefined {
    return this.meanings(group, name)[0]?.option
  }

  #dynamicTable(group: string): OptionTable {
    let table = this.#dynamic.get(group)
    if (table === undefined) {
      const options = this.#deps.dynamicGroup(group)
      table = new OptionTable(options === undefined ? [] : [options])
      this.#dynamic.set(group, table)
    }
    return table
  }
}

function meaningsIn(table: OptionTable, group: string, name: string) {
  const present = table.find(group, name)
  const former = table.formerly(group, name)
  return present === undefined ? former : [{ option: present, rank: 0 }, ...former]
}
