import type { Socket } from 'node:net'
import type { Logger } from '@micronova/log'
import { type ConsoleSessionOptions, startSession } from './console-session.js'
import { listen } from './listen.js'
import type { BackdoorPlace } from './place.js'

/** More at once are turned away. */
const mostClients = 8

/** Open consoles into this process. */
export interface Backdoor {
  /** A port, or a path. */
  readonly where: number | string
  /** Ends every connection, and removes the socket. */
  close(): Promise<void>
}

/**
 * Listen for clients, each of which gets a console. Where that cannot be, the log says why, and the service goes on without.
 *
 * @see oslo.service 3.0.0, `eventlet_backdoor.py`
 */
export async function openBackdoor(log: Logger, place: BackdoorPlace, options: ConsoleSessionOptions): Promise<Backdoor | null> {
  try {
    const { server, where } = await listen(place)
    const clients = new Set<Socket>()
    server.maxConnections = mostClients
    server.on('error', (err) => log.warning(`A console could not be opened: ${err.message}`))
    server.on('connection', (socket) => {
      clients.add(socket)
      socket.on('close', () => clients.delete(socket))
      startSession(socket, options, log)
    })
    log.info(`Backdoor listening on ${typeof where === 'number' ? `127.0.0.1:${where}` : where} for process ${process.pid}`)
    return {
      where,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve())
          for (const client of clients) client.destroy()
        }),
    }
  } catch (err) {
    log.error(`There is no console into this process: ${(err as Error).message}`)
    return null
  }
}
