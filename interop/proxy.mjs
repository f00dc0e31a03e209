// A reverse proxy that counts requests, and answers some of them itself where a scenario wants a service to misbehave.
import { once } from 'node:events'
import { createServer, request } from 'node:http'

/**
 * What happens to requests that match, `times` times.
 * @typedef {object} Fault
 * @property {(method: string, path: string) => boolean} matches
 * @property {number} [times] for ever if absent
 * @property {number} [status] an answer with this status instead of the service's
 * @property {object} [body] what comes with it
 * @property {boolean} [hang] no answer at all
 * @property {boolean} [cut] the connection is closed without an answer
 */

export class FaultProxy {
  #server
  #target
  #faults = []
  /** Requests since the last {@link reset}, as `METHOD /path` with ids replaced. */
  seen = []

  /** @param {number} target port of the service on this machine */
  constructor(target) {
    this.#target = target
    this.#server = createServer((incoming, outgoing) => this.#serve(incoming, outgoing))
  }

  /** @returns {Promise<string>} its URL */
  async start() {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${this.#server.address().port}`
  }

  async stop() {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  /** @param {Fault} fault */
  add(fault) {
    const added = { times: Number.POSITIVE_INFINITY, ...fault, met: 0 }
    this.#faults.push(added)
    return added
  }

  /** The service behaves again, and counting starts anew. */
  reset() {
    this.#faults = []
    this.seen = []
  }

  #serve(incoming, outgoing) {
    const { method, url } = incoming
    this.seen.push(`${method} ${templateOf(url)}`)
    const fault = this.#faults.find((one) => one.met < one.times && one.matches(method, url))
    if (!fault) return this.#pass(incoming, outgoing)
    fault.met++
    if (fault.hang) return
    if (fault.cut) {
      incoming.socket.destroy()
      return
    }
    incoming.resume()
    outgoing.writeHead(fault.status, { 'content-type': 'application/json' })
    outgoing.end(JSON.stringify(fault.body ?? { errors: [{ status: fault.status, title: 'Scripted', detail: 'scripted fault' }] }))
  }

  #pass(incoming, outgoing) {
    const { method, url: path, headers } = incoming
    const onward = request({ host: '127.0.0.1', port: this.#target, method, path, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  }
}

function templateOf(url) {
  return url.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}').replace(/\?.*$/, '')
}
