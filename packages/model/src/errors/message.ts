import { pythonRepr, pythonText } from '@micronova/versionedobjects'

/**
 * What Python's `template % kwargs` makes of a message with named parts. If one is missing the template itself is the
 * message, as upstream does.
 */
export function formatMessage(template: string, kwargs: Readonly<Record<string, unknown>>): string {
  const names = [...template.matchAll(/%\((\w+)\)[sdixr]/g)].map((match) => match[1]!)
  if (names.length > 0 && !names.every((name) => kwargs[name] !== undefined)) return template
  return template.replace(/%\((\w+)\)([sdixr])|%%/g, (part, name: string | undefined, kind: string) =>
    name === undefined ? part.slice(1) : formatted(kwargs[name], kind),
  )
}

function formatted(value: unknown, kind: string): string {
  if (kind === 'x') return Number(value).toString(16)
  if (kind === 'r') return pythonRepr(value)
  return value instanceof Error ? value.message : pythonText(value)
}
