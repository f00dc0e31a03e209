import { CommandFailed } from '../../usage-error.js'

/** Where a console listens. */
export type BackdoorPlace =
  | { readonly kind: 'socket'; readonly path: string }
  /** The first port that is free from `from` to `to`; 0: any. */
  | { readonly kind: 'port'; readonly from: number; readonly to: number }

export interface BackdoorSection {
  readonly backdoor_port: string | null
  readonly backdoor_socket: string | null
}

const highest = 65535

/**
 * What the two options ask for; null: no console. If both are set the socket has it, as upstream.
 *
 * @throws CommandFailed if the ports are none
 * @see oslo.service 3.0.0, `eventlet_backdoor.py`, `_initialize_if_enabled`
 */
export function backdoorPlace({ backdoor_port: ports, backdoor_socket: path }: BackdoorSection, pid: number): BackdoorPlace | null {
  if (path) return { kind: 'socket', path: path.replaceAll('{pid}', String(pid)) }
  if (ports === null) return null
  const [, first = '', last = first] = /^\s*(\d+)\s*(?::\s*(\d+)\s*)?$/.exec(ports) ?? []
  const [from, to] = [Number(first), Number(last)]
  if (first === '' || from > to || to > highest)
    throw new CommandFailed(`backdoor_port: '${ports}' is neither a port, nor START:END, nor 0; ports go up to ${highest}`)
  return { kind: 'port', from, to }
}
