import type { Instance, RequestContext } from '@micronova/model'

export type RemoteConsoleKind = 'vnc' | 'spice' | 'rdp' | 'serial' | 'mks'

/** Where a console proxy finds the console of a guest. */
export interface RemoteConsole {
  readonly host: string
  readonly port: number
  readonly internalAccessPath: string | null
  /** Of SPICE alone. */
  readonly tlsPort?: number
}

export type RemoteConsoles = {
  readonly [kind in RemoteConsoleKind]?: (ctx: RequestContext, instance: Instance) => Promise<RemoteConsole>
}
