import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Cleanup } from './cleanups.js'

/**
 * Attach to the inspector of a process, as a debugger does, and evaluate.
 *
 * @param address `host:port`
 * @param options.stay remain attached until the test ends
 */
export async function evaluateInInspector(
  cleanup: Cleanup,
  address: string,
  expression: string,
  { stay = false }: { readonly stay?: boolean } = {},
): Promise<unknown> {
  const [target] = JSON.parse(await textAt(`http://${address}/json/list`)) as { webSocketDebuggerUrl: string }[]
  const socket = await openWebSocket(target?.webSocketDebuggerUrl ?? '')
  cleanup.after(() => void socket.destroy())
  socket.write(textFrame(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression, returnByValue: true } })))
  const { result } = JSON.parse(await firstText(socket)) as { result: { result: { value: unknown } } }
  if (!stay) socket.destroy()
  return result.result.value
}

async function textAt(url: string): Promise<string> {
  const [response] = (await once(get(url), 'response')) as [IncomingMessage]
  return Buffer.concat(await response.toArray()).toString()
}

async function openWebSocket(url: string): Promise<Duplex> {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
  }
  const [, socket] = (await once(get(url.replace('ws:', 'http:'), { headers }), 'upgrade')) as [IncomingMessage, Duplex]
  socket.on('error', () => {}) // the process may end first
  return socket
}

/** A text of less than 64 KiB, masked with zeros: those of a client must be masked. */
function textFrame(text: string): Buffer {
  const body = Buffer.from(text)
  const header = Buffer.from([0x81, 0x80 | 126, body.length >> 8, body.length & 0xff, 0, 0, 0, 0])
  return Buffer.concat([header, body])
}

/** The first frame, of less than 64 KiB. */
async function firstText(socket: Duplex): Promise<string> {
  for (let read = Buffer.alloc(0); ; ) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    read = Buffer.concat([read, chunk])
    const isLong = ((read[1] ?? 0) & 0x7f) === 126
    const [begin, length] = isLong && read.length >= 4 ? [4, read.readUInt16BE(2)] : [2, (read[1] ?? 0) & 0x7f]
    if (read.length > begin && read.length >= begin + length) return read.subarray(begin, begin + length).toString()
  }
}
