import { once } from 'node:events'
import inspector from 'node:inspector'
import { Worker } from 'node:worker_threads'
import type { Logger } from '@micronova/log'
import { isLoopback } from '../loopback.js'

export interface RemoteDebugOptions {
  readonly host: string
  /** The first that is free is taken; 0: any. */
  readonly ports: readonly number[]
}

/** What is needed of node:inspector. */
export type Inspector = Pick<typeof inspector, 'open' | 'close' | 'url'>

/**
 * Let a debugger connect to this process. Where none can, the log says why, and the service goes on without: debugging must not keep it down.
 *
 * Node's inspector waits for its debuggers to leave before it closes, and with it before the process ends, for as long as that takes. So
 * they reach it through a relay, which can be ended; in a thread of its own, as the process's own stands still at a breakpoint.
 *
 * @returns ends it; null: it is not open
 */
export async function openRemoteDebug(
  log: Logger,
  { host, ports }: RemoteDebugOptions,
  node: Inspector = inspector,
): Promise<(() => Promise<void>) | null> {
  try {
    const { relay, port } = await startRelay(host, ports, openInspector(node))
    const leave = () => void relay.terminate()
    process.once('exit', leave)
    const address = `ws://${host.includes(':') ? `[${host}]` : host}:${port}`
    log.info(`A debugger can connect to process ${process.pid} at ${address}`)
    if (!isLoopback(host)) log.warning(`[remote_debug] host is ${host}: whoever reaches ${address} owns this process`)
    return async () => {
      process.off('exit', leave)
      await relay.terminate()
      node.close()
    }
  } catch (err) {
    node.close()
    log.error(`No debugger can connect to this process: [remote_debug] ${(err as Error).message}`)
    return null
  }
}

/** @returns its port of 127.0.0.1 */
function openInspector(node: Inspector): number {
  if (node.url() === undefined) node.open(0, '127.0.0.1', false)
  const url = node.url()
  if (url === undefined) throw new Error("Node's inspector did not open") // on standard error it has said why
  return Number(new URL(url).port)
}

/** Runs in its own thread, and so has to be a text. Its first message says how it listens. */
const relayCode = `
const { connect, createServer } = require('node:net')
const { parentPort, workerData: { host, port, to } } = require('node:worker_threads')
const server = createServer((client) => {
  const inspector = connect(to, '127.0.0.1')
  const end = () => [client, inspector].forEach((socket) => socket.destroy())
  for (const socket of [client, inspector]) socket.on('error', end).on('close', end)
  client.pipe(inspector).pipe(client)
})
server.on('error', ({ code, message }) => parentPort.postMessage({ code, message }))
server.listen({ host, port }, () => parentPort.postMessage({ port: server.address().port }))
`

type RelayAnswer = { readonly port: number } | { readonly port?: undefined; readonly code: string; readonly message: string }

async function startRelay(host: string, ports: readonly number[], to: number): Promise<{ readonly relay: Worker; readonly port: number }> {
  let why = ''
  for (const port of ports) {
    const relay = new Worker(relayCode, { eval: true, name: 'remote_debug', workerData: { host, port, to } })
    relay.unref()
    const [answer] = (await once(relay, 'message')) as [RelayAnswer]
    if (answer.port !== undefined) return { relay, port: answer.port }
    await relay.terminate()
    why = answer.message
    if (answer.code !== 'EADDRINUSE') break
  }
  throw new Error(`port ${ports.join(', ')}: ${why}`)
}
