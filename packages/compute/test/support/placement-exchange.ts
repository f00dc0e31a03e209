import type { FakePlacement } from '@micronova/clients'
import { readFixtureLines } from '@micronova/testing'

/** A request as it goes over the wire. Lists whose order means nothing are sorted. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly body: unknown
}

interface RecordedLine {
  readonly service: string
  readonly sender: string
  readonly sender_host: string
  readonly t: number
  readonly method: string
  readonly path: string
  readonly request_body: unknown
}

/** What the Python nova-compute of `host`, or all of them, asked Placement, without the request for its versions. */
export function recordedExchanges(name: string, host?: string): (Exchange & { readonly t: number })[] {
  return readFixtureLines(`rest/${name}.jsonl`)
    .map((line) => JSON.parse(line) as RecordedLine)
    .filter(({ service, sender, path }) => service === 'placement' && sender === 'nova-compute' && path !== '/')
    .filter(({ sender_host }) => host === undefined || sender_host === host)
    .map(({ t, method, path, request_body }) => ({ t, ...exchange(method, path, request_body) }))
}

/** The same of our calls. */
export function sentExchanges({ calls }: FakePlacement): Exchange[] {
  return calls.log.map(({ method, args }) => {
    const [first, body = null] = args
    const of = (part: string) => `/resource_providers/${first}/${part}`
    switch (method) {
      case 'listResourceProviders':
        return exchange('GET', `/resource_providers?${new URLSearchParams(first as Record<string, string>)}`, null)
      case 'createResourceProvider':
        return exchange('POST', '/resource_providers', first)
      case 'getInventories':
        return exchange('GET', of('inventories'), null)
      case 'putInventories':
        return exchange('PUT', of('inventories'), body)
      case 'getProviderTraits':
        return exchange('GET', of('traits'), null)
      case 'putProviderTraits':
        return exchange('PUT', of('traits'), body)
      case 'listTraits':
        return exchange('GET', `/traits?name=in:${(first as string[]).join()}`, null)
      case 'getProviderAllocations':
        return exchange('GET', of('allocations'), null)
      case 'getAllocations':
        return exchange('GET', `/allocations/${first}`, null)
      case 'putAllocations':
        return exchange('PUT', `/allocations/${first}`, body)
      case 'deleteAllocations':
        return exchange('DELETE', `/allocations/${first}`, null)
      default:
        throw new Error(`${method} is not expected`)
    }
  })
}

function exchange(method: string, path: string, body: unknown): Exchange {
  const [before, names] = path.split('name=in:')
  return { method, path: names === undefined ? path : `${before}name=in:${names.split(',').sort().join()}`, body: sortedTraits(body) }
}

function sortedTraits(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('traits' in body) || !Array.isArray(body.traits)) return body
  return { ...body, traits: [...body.traits].sort() }
}

/** Provider uuids and names differ from run to run. */
export function withIds(exchanges: readonly Exchange[], ids: Readonly<Record<string, string>>): unknown {
  let text = JSON.stringify(exchanges.map(({ method, path, body }) => ({ method, path, body })))
  for (const [from, to] of Object.entries(ids)) text = text.replaceAll(from, to)
  return JSON.parse(text)
}
