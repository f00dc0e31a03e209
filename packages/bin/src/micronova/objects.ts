import { notificationObjects, novaObjects } from '@micronova/model'
import { fingerprint } from '@micronova/versionedobjects'

/** Every registered versioned object, by name: its version, and the fingerprint by which a change of its form is seen. */
export function describeObjects(): Record<string, { readonly version: string; readonly fingerprint: string }> {
  const classes = [...novaObjects, ...notificationObjects].map((objectClass) => [
    objectClass.objName,
    { version: objectClass.objVersion, fingerprint: fingerprint(objectClass) },
  ])
  return Object.fromEntries(classes.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
}

/** The same as a table for people. */
export function tableOfObjects(): string {
  const rows = Object.entries(describeObjects()).map(([name, { version, fingerprint: print }]) => [name, version, print] as const)
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, version, print]) => `${name.padEnd(width)}  ${version.padEnd(5)}  ${print}`)
  return `${lines.join('\n')}\n${rows.length} objects\n`
}
