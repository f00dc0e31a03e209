import type { RequestInFlight } from '@micronova/clients'
import type { Place } from '@micronova/compute'
import type { TransportReport } from '@micronova/messaging'
import { type Section, seconds, type ThreadModel, timeText } from '@micronova/reports'
import type { Inspection } from '../inspection.js'

interface Work {
  readonly method: string
  readonly requestId: string | null
  readonly sinceMs: number
  /** `compute.host1`. */
  readonly server: string | null
}

/** Work in hand with its age, and where it waits: what upstream's green threads show by their stacks. */
export function greenThreadsSection(inspection: Inspection, now: number): Section {
  const transports = Object.values(inspection.transports())
  const places = inspection.places()
  const requests = inspection.requests()
  const work = [...inHand(transports), ...beside(places, transports)]
  const threads = work.map((item) => threadOf(item, waitsOf(item, { transports, places, requests }, now), now))
  return { name: 'green_threads', title: 'Green Threads', form: 'threads', model: { threads } }
}

function inHand(transports: readonly TransportReport[]): Work[] {
  const all = transports.flatMap(({ servers }) =>
    servers.flatMap(({ topic, server, inHand }) => inHand.map((request) => ({ ...request, server: `${topic}.${server}` }))),
  )
  return all.sort((one, other) => one.sinceMs - other.sinceMs)
}

/** What goes on after its message is done with: live migrations, work of an earlier run. */
function beside(places: readonly Place[], transports: readonly TransportReport[]): Work[] {
  const known = new Set(inHand(transports).map(({ method, requestId }) => `${method} ${requestId}`))
  const others = places.filter(({ method, requestId }) => !known.has(`${method} ${requestId}`))
  const first = new Map<string, Work>()
  for (const { method, requestId, sinceMs } of others) {
    const key = `${method} ${requestId}`
    if (!first.has(key)) first.set(key, { method, requestId, sinceMs, server: null })
  }
  return [...first.values()]
}

interface Sources {
  readonly transports: readonly TransportReport[]
  readonly places: readonly Place[]
  readonly requests: readonly RequestInFlight[]
}

/** The places in the order in which they were entered, so that the innermost is the last; then what is asked of others. */
function waitsOf({ method, requestId }: Work, { transports, places, requests }: Sources, now: number): string[] {
  if (requestId === null) return []
  const age = (sinceMs: number) => `for ${seconds(now - sinceMs)} s`
  return [
    ...places
      .filter((place) => place.requestId === requestId && place.method === method)
      .map(({ place, sinceMs }) => `${place}, ${age(sinceMs)}`),
    ...transports
      .flatMap(({ calls }) => calls)
      .filter((call) => call.requestId === requestId)
      .map((call) => `reply to ${call.method} from ${call.to}, ${age(call.sinceMs)}`),
    ...requests.filter((request) => request.requestId === requestId).map((request) => `${restText(request)}, ${age(request.sinceMs)}`),
  ]
}

export function restText({ service, method, path, attempt }: RequestInFlight): string {
  return `${service}: ${method} ${path}${attempt === 0 ? '' : `, attempt ${attempt + 1}`}`
}

function threadOf({ method, requestId, sinceMs, server }: Work, waits: readonly string[], now: number): ThreadModel {
  const age = seconds(now - sinceMs)
  return {
    title: 'Green Thread',
    notes: [
      `${method}${server === null ? '' : ` on ${server}`}, request ${requestId ?? '-'}, for ${age} s`,
      ...(waits.length === 0 ? ['  nothing is known of where it waits'] : waits.map((wait) => `  ${wait}`)),
    ],
    stack: null,
    method,
    server,
    request_id: requestId,
    since: timeText(sinceMs),
    age_seconds: age,
    waits: [...waits],
  }
}
