import { once } from 'node:events'
import { lstatSync, unlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { isAnswered, listenPrivately } from '../../private-socket.js'
import type { BackdoorPlace } from './place.js'

/** What a console listens on, and where: a port, or a path. */
export interface Listening {
  readonly server: Server
  readonly where: number | string
}

const loopback = '127.0.0.1'

/** @throws Error with one sentence if all ports are taken, or the socket cannot be had */
export async function listen(place: BackdoorPlace): Promise<Listening> {
  return place.kind === 'port' ? listenOnPort(place) : { server: await listenOnSocket(place.path), where: place.path }
}

async function listenOnPort({ from, to }: { readonly from: number; readonly to: number }): Promise<Listening> {
  for (let port = from; ; port++) {
    const server = createServer()
    try {
      server.listen({ host: loopback, port, exclusive: true })
      await once(server, 'listening')
      const address = server.address()
      return { server, where: typeof address === 'object' && address !== null ? address.port : port }
    } catch (err) {
      server.close()
      const isTaken = (err as NodeJS.ErrnoException).code === 'EADDRINUSE'
      if (isTaken && port < to) continue
      const ports = from === to ? `port ${from} is` : `all ports from ${from} to ${to} are`
      throw isTaken ? new Error(`backdoor_port: ${ports} taken`) : new Error(`backdoor_port: ${(err as Error).message}`)
    }
  }
}

async function listenOnSocket(path: string): Promise<Server> {
  await removeStale(path)
  const server = createServer()
  try {
    listenPrivately(server, path)
    await once(server, 'listening')
  } catch (err) {
    throw new Error(`backdoor_socket: ${(err as Error).message}`)
  }
  return server
}

/** A socket that nobody listens on was left by a process that is gone. */
async function removeStale(path: string): Promise<void> {
  const inode = inodeOf(path)
  if (inode === null) return
  if (await isAnswered(path)) throw new Error(`backdoor_socket: another process listens on ${path}`)
  if (inodeOf(path) === inode) unlinkSync(path) // and not one that another process has made meanwhile
}

/** Null: there is nothing. */
function inodeOf(path: string): number | null {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return null
  if (!found.isSocket()) throw new Error(`backdoor_socket: ${path} is there, and is no socket`)
  return found.ino
}
