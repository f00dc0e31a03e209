import { isLoopback } from '../loopback.js'
import { CommandFailed } from '../usage-error.js'

export type HealthAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

/** @throws CommandFailed */
export function parseHealthAddress(text: string): HealthAddress {
  const refuse = () => new CommandFailed(`[micronova] health_listen is ${text}, which is none of HOST:PORT, [ADDRESS]:PORT and unix:/PATH`)
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length)
    if (!path.startsWith('/')) throw refuse()
    return { kind: 'unix', path }
  }
  const [, bracketed, plain, port = ''] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^[\]:\s/]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535) throw refuse()
  return { kind: 'tcp', host, port: Number(port) }
}

/** Only this machine can reach it. */
export function isLocal(address: HealthAddress): boolean {
  return address.kind === 'unix' || isLoopback(address.host)
}

export function showAddress(address: HealthAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
}
