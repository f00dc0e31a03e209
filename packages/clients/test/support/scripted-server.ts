import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** A request that the server got. */
export interface Got {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What the server does with one request: an answer, or something with the connection itself. */
export type Step =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly json?: unknown; readonly text?: string }
  | ((response: ServerResponse, socket: Socket) => void)

export interface ScriptedServer {
  readonly url: string
  readonly got: readonly Got[]
  /** The requests but those for tokens. */
  readonly asked: readonly Got[]
}

/** The token that Keystone's part of a scripted server gives out: `token-1`, `token-2` ... */
export function tokenAnswer(url: string, count: number, lifetimeSeconds = 3600): Step {
  const endpoints = ['public', 'internal'].map((name) => ({ interface: name, region_id: 'RegionOne', url }))
  const catalog = ['placement', 'network', 'image', 'volumev3', 'identity'].map((type) => ({ type, name: type, endpoints }))
  const issued = Date.UTC(2026, 0, 1)
  const [issued_at, expires_at] = [issued, issued + lifetimeSeconds * 1000].map((ms) => new Date(ms).toISOString())
  const project = { id: 'project-1', name: 'service' }
  const token = { issued_at, expires_at, catalog, project, user: { id: 'user-1' } }
  return { status: 201, headers: { 'X-Subject-Token': `token-${count}` }, json: { token } }
}

/**
 * A server that answers requests with `steps`, one after another; requests for tokens with tokens, unless `onToken` says otherwise.
 * A request beyond the last step is answered with 599.
 */
export async function scriptedServer(
  t: TestContext,
  steps: readonly Step[],
  onToken: (url: string, count: number) => Step = tokenAnswer,
): Promise<ScriptedServer> {
  const got: Got[] = []
  const waiting = [...steps]
  let url = ''
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    request.on('error', () => {})
    try {
      for await (const part of request) parts.push(part as Buffer)
    } catch {
      return // the client went away
    }
    const entry = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts).toString() }
    got.push(entry)
    const isToken = entry.path === '/v3/auth/tokens'
    const tokens = got.filter(({ path }) => path === '/v3/auth/tokens').length
    const step = isToken ? onToken(url, tokens) : (waiting.shift() ?? { status: 599, text: 'the script is at its end' })
    if (typeof step === 'function') return step(response, request.socket)
    const text = step.json === undefined ? (step.text ?? '') : JSON.stringify(step.json)
    response.writeHead(step.status, { 'Content-Type': 'application/json', ...step.headers }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url,
    got,
    get asked() {
      return got.filter(({ path }) => path !== '/v3/auth/tokens')
    },
  }
}
