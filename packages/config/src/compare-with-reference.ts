import { isDeepStrictEqual } from 'node:util'
import { zedCatalogue } from './catalogue.js'
import type { OptionGroup, OptionLimits } from './declare.js'
import { formerNames, type Option, OptionTable } from './option-table.js'

/**
 * How declared options differ from Nova's own: one sentence for each difference, none if all is well. An option that
 * Nova does not have is a difference too, unless `own` names it (`[group] name`).
 *
 * A null default may stand in for an empty one, and for one that belongs to the machine.
 */
export function compareWithReference(groups: readonly OptionGroup[], own: readonly string[] = []): string[] {
  const reference = new OptionTable(zedCatalogue.groups())
  return [...new OptionTable(groups)].flatMap((option) => {
    const label = `[${option.group}] ${option.name}`
    if (own.includes(label)) return []
    const known = reference.find(option.group, option.name)
    return known === undefined
      ? [`${label} is no option of Nova`]
      : differences(option, known).map((difference) => `${label}: ${difference}`)
  })
}

function differences(ours: Option, theirs: Option): string[] {
  const found: string[] = []
  const compare = (what: string, one: unknown, other: unknown) => {
    if (!isDeepStrictEqual(one, other)) found.push(`${what} is ${JSON.stringify(one)}, in Nova ${JSON.stringify(other)}`)
  }
  compare('type', ours.spec.type, theirs.spec.type)
  compare('default', comparable(ours.spec.default), comparable(theirs.spec.default))
  compare('limits', comparableLimits(ours.spec.limits), comparableLimits(theirs.spec.limits))
  compare('secret', ours.spec.secret ?? false, theirs.spec.secret ?? false)
  compare('mutable', ours.spec.mutable ?? false, theirs.spec.mutable ?? false)
  compare('deprecatedForRemoval', ours.spec.deprecatedForRemoval ?? false, theirs.spec.deprecatedForRemoval ?? false)
  compare('cli', ours.spec.cli ?? false, theirs.spec.cli ?? false)
  const names = (option: Option) =>
    formerNames(option)
      .map(({ group, name }) => `[${group}] ${name}`)
      .sort()
  compare('deprecatedNames', names(ours), names(theirs))
  return found
}

function comparable(value: unknown): unknown {
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0
  return isEmpty ? null : value
}

function comparableLimits({ item, choices, ...rest }: OptionLimits) {
  const plainItem = item === undefined || (item.type === 'String' && Object.keys(item).length === 1)
  return { ...rest, choices: choices === undefined ? undefined : [...choices].map(String).sort(), item: plainItem ? undefined : item }
}
