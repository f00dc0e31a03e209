import { type OptionGroup, type OptionSpec, renderSample, zedCatalogue } from '@micronova/config'
import { configOptions } from '../../parse-args.js'
import { groupsOf, type ServiceChoice } from './services.js'

/** Stands at the help of an option that only the catalogue has. */
const withoutEffect = 'Not implemented: it has no effect.'

/** A nova.conf with the options of a service as comments; if `all`, with every option of Zed besides. */
export function sampleConfig(service: ServiceChoice, { all }: { readonly all: boolean }): string {
  const { groups, defaults = {} } = configOptions({ program: 'micronova', groups: groupsOf(service), environment: {} })
  const known = new Set(configOptions({ program: 'micronova', groups: groupsOf('all'), environment: {} }).groups.flatMap(namesOf))
  const others = all ? zedCatalogue.groups().map((group) => withHelp(group, (name) => (known.has(name) ? undefined : withoutEffect))) : []
  const implemented = all ? configOptions({ program: 'micronova', groups: groupsOf('all'), environment: {} }).groups : groups
  return renderSample([...others, ...implemented].map((group) => withDefaults(group, defaults[group.group] ?? {})))
}

function namesOf({ group, options }: OptionGroup): string[] {
  return Object.keys(options).map((name) => `${group}.${name}`)
}

function withHelp({ group, options }: OptionGroup, helpOf: (name: string) => string | undefined): OptionGroup {
  return mapped({ group, options }, (name, spec) => {
    const help = helpOf(`${group}.${name}`)
    return help === undefined ? spec : { ...spec, help }
  })
}

/** With what Nova changes in the defaults of its libraries. A default that is worked out belongs to the machine. */
function withDefaults(group: OptionGroup, defaults: Readonly<Record<string, unknown>>): OptionGroup {
  return mapped(group, (name, spec) => {
    if (!(name in defaults)) return spec
    const value = defaults[name]
    return typeof value === 'function' ? { sampleDefault: '<of this machine>', ...spec } : { ...spec, default: value }
  })
}

function mapped({ group, options }: OptionGroup, change: (name: string, spec: OptionSpec) => OptionSpec): OptionGroup {
  return { group, options: Object.fromEntries(Object.entries(options).map(([name, spec]) => [name, change(name, spec)])) }
}
