import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { availableParallelism } from 'node:os'
import { capabilitiesIn, capabilityOf } from '../privileged/capabilities.js'
import type { PrivsepContext } from '../privileged/definition.js'
import { encodeFrame } from '../wire/frames.js'
import type { ReadyMessage } from '../wire/messages.js'
import { serveCalls } from './serve-calls.js'

/** The helper cannot serve; the message says why. */
export class HelperError extends Error {
  override readonly name = 'HelperError'
  readonly code = 'helper'
}

/**
 * Be the helper of one context: say so on the channel and run what the service asks for, until it closes the channel or dies.
 *
 * The channel is what the service made as standard input and output: connected sockets without a name, which no other user can open.
 *
 * @param argv `--privsep_context NAME --privsep_capabilities A,B [--privsep_threads N]`; the launcher has acted on the others
 * @throws HelperError before it serves, or if the channel brings what no service of ours sends
 */
export async function runHelper(contexts: readonly PrivsepContext[], argv: readonly string[]): Promise<void> {
  const name = option(argv, 'context')
  const context = contexts.find((candidate) => candidate.name === name)
  if (context === undefined) throw new HelperError(`there is no privsep context ${name ?? '(none was named)'}`)
  const credentials = ownCredentials()
  checkDropped(credentials.effective, option(argv, 'capabilities') ?? '')
  process.chdir('/')
  process.umask(0o022)
  const { input, output } = openChannel()
  output.write(encodeFrame({ ready: credentials } satisfies ReadyMessage))
  try {
    await serveCalls(input, output, { context, threads: threadsOf(option(argv, 'threads')) })
  } catch (err) {
    throw new HelperError(`the channel was closed: ${(err as Error).message}`, { cause: err })
  } finally {
    output.destroy()
  }
}

/** @throws HelperError if somebody has started the helper by hand */
function openChannel(): { readonly input: Socket; readonly output: Socket } {
  try {
    return { input: new Socket({ fd: 0, readable: true, writable: false }), output: new Socket({ fd: 1, readable: false, writable: true }) }
  } catch (err) {
    throw new HelperError('standard input and output are no channel to a service, which alone starts this program', { cause: err })
  }
}

/** The value of `--privsep_NAME VALUE`. */
function option(argv: readonly string[], name: string): string | undefined {
  const at = argv.indexOf(`--privsep_${name}`)
  return at < 0 ? undefined : argv[at + 1]
}

function threadsOf(text: string | undefined): number {
  if (text === undefined) return availableParallelism()
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new HelperError('--privsep_threads is not a number from 1 to 9999')
  return Number(text)
}

/** What the kernel says of this process, not what its launcher was asked for. */
function ownCredentials(): ReadyMessage['ready'] {
  const status = readFileSync('/proc/self/status', 'utf8')
  const capabilities = (set: string) => capabilitiesIn(new RegExp(`^Cap${set}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0')
  return {
    pid: process.pid,
    uid: process.geteuid?.() ?? -1,
    gid: process.getegid?.() ?? -1,
    effective: capabilities('Eff'),
    permitted: capabilities('Prm'),
    inheritable: capabilities('Inh'),
  }
}

/** A helper with other capabilities than those asked for was started past its launcher, or on a kernel that withholds some. */
function checkDropped(effective: readonly string[], asked: string): void {
  const names = asked.split(',').filter((text) => text !== '')
  const unknown = names.find((text) => capabilityOf(text) === undefined)
  if (unknown !== undefined) throw new HelperError(`${unknown} is not a capability`)
  const wanted = new Set<string>(names.map((text) => capabilityOf(text)!))
  const held = new Set(effective)
  const differing = [...new Set([...wanted, ...held])].filter((capability) => wanted.has(capability) !== held.has(capability))
  if (differing.length === 0) return
  throw new HelperError(`privileges could not be dropped: asked for ${list(wanted)}, held are ${list(held)}`)
}

const list = (names: Iterable<string>) => [...names].join(', ') || 'none'
