/** Where a value comes from. Lines and columns count from 1. */
export type SettingLocation =
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'command line'; readonly argument: string }
  | { readonly kind: 'default' }

/** A location as messages begin with it: `/etc/nova/nova.conf:12:8`, `OS_DEFAULT__DEBUG in the environment`. */
export function describeLocation(location: SettingLocation): string {
  switch (location.kind) {
    case 'file':
      return `${location.file}:${location.line}:${location.column}`
    case 'environment':
      return `${location.variable} in the environment`
    case 'command line':
      return `${location.argument} on the command line`
    case 'default':
      return 'default'
  }
}
