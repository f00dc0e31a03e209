import type { Instance } from './objects/index.js'

/** Upstream's default of `[DEFAULT] instance_name_template`. */
export const defaultInstanceNameTemplate = 'instance-%08x'

/**
 * The name of an instance on its hypervisor.
 *
 * @param template a Python format: of the id (`%d`, `%08x`), or of fields by their names (`vm-%(uuid)s`). A template that cannot be
 *   filled gives the uuid, as upstream
 * @see nova 26.2.2, `objects/instance.py`, `name`
 */
export function instanceName(instance: Instance, template = defaultInstanceNameTemplate): string {
  const named = /%\((\w+)\)s/g
  if (named.test(template)) {
    const text = template.replace(named, (whole, field: string) => (field in instance ? String(instance[field as 'uuid']) : whole))
    return text.includes('%(') ? instance.uuid : text
  }
  return template.replace(/%(0?)(\d*)([dx])/, (_, zero: string, width: string, base: string) =>
    instance.id.toString(base === 'x' ? 16 : 10).padStart(Number(width), zero === '' ? ' ' : '0'),
  )
}
