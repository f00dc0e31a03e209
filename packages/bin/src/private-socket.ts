import { once } from 'node:events'
import { connect, type Server } from 'node:net'

/** `sun_path` of Linux without its closing zero. Node cuts a longer path, and listens elsewhere. */
const longestPath = 107

/**
 * Begin to listen on a unix socket that only its owner may open, from its first moment on: it is bound within this turn.
 *
 * @throws Error with one sentence if the path is too long
 */
export function listenPrivately(server: Pick<Server, 'listen'>, path: string): void {
  if (Buffer.byteLength(path) > longestPath) throw new Error(`${path} is longer than the ${longestPath} bytes of a socket's path`)
  const umask = process.umask(0o177)
  try {
    server.listen(path)
  } finally {
    process.umask(umask)
  }
}

/** False: nobody listens on the socket at `path`; it was left by a process that is gone, or is gone by now itself. */
export async function isAnswered(path: string): Promise<boolean> {
  const socket = connect(path)
  try {
    await once(socket, 'connect')
    return true
  } catch (err) {
    return (err as NodeJS.ErrnoException).code !== 'ECONNREFUSED' && (err as NodeJS.ErrnoException).code !== 'ENOENT'
  } finally {
    socket.destroy()
  }
}
