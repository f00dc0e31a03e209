import { systemClock, systemRandom } from '@micronova/lifecycle'
import { adminContext, type RequestContext } from '@micronova/model'
import { needs } from '@micronova/testing'
import { passwordLines } from './clients-from.js'

/** A Keystone, and who asks it for tokens. */
export const keystone = await needs('keystone')
export const { origin, username, password } = new URL(keystone.url)

export const ctx = adminContext({ clock: systemClock, random: systemRandom })

/** Credentials of a section, for that Keystone. */
export const lines = passwordLines(origin, username, decodeURIComponent(password), 'admin')

/** A user's context, as nova-api makes it: with a token and with the catalogue. */
export async function userContext(): Promise<RequestContext> {
  const scope = { project: { name: 'admin', domain: { id: 'default' } } }
  const user = { name: username, password: decodeURIComponent(password), domain: { id: 'default' } }
  const body = { auth: { identity: { methods: ['password'], password: { user } }, scope } }
  const answer = await fetch(`${origin}/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  })
  const { token } = (await answer.json()) as { token: { catalog: unknown[]; project: { id: string } } }
  return {
    ...ctx,
    isAdmin: false,
    authToken: answer.headers.get('x-subject-token'),
    serviceCatalog: token.catalog,
    projectId: token.project.id,
  }
}
