import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResourceRequest } from '@micronova/clients'
import { nullLogger } from '@micronova/log'
import { isNovaErrorKind, NovaError, novaRegistry, RequestSpec } from '@micronova/model'
import { readFixtureJson } from '@micronova/testing'

type Outcome =
  | { readonly error: string; readonly message: string }
  | {
      readonly query: string
      readonly pinning: boolean
      readonly suffixed: number
      /** 1: of aggregates one of u1 and u2, and u0; 2: y and z are forbidden besides. */
      readonly aggregates: 0 | 1 | 2
      readonly traits: readonly string[]
    }

interface Case {
  readonly spec: Parameters<ReturnType<typeof novaRegistry>['fromPrimitive']>[0]
  readonly translate: boolean
  readonly out: Outcome
}

const { cases } = readFixtureJson<{ readonly cases: readonly Case[] }>('upstream/scheduler-resource-requests.json')
const registry = novaRegistry()

function requestOf({ spec, translate }: Case): ResourceRequest {
  const object = registry.fromPrimitive(spec)
  assert.ok(object instanceof RequestSpec)
  return new ResourceRequest(object, { log: nullLogger, limit: 1000, translatePinning: translate })
}

/** As Python's `urlencode` writes a query. */
function urlEncoded(pairs: ReturnType<ResourceRequest['toQuery']>): string {
  return new URLSearchParams(pairs.map(([name, value]): [string, string] => [name, value])).toString()
}

test('the query for allocation candidates is the one that a Zed scheduler sends, for 700 flavors and images', () => {
  let compared = 0
  for (const [index, one] of cases.entries()) {
    if ('error' in one.out) continue
    const request = requestOf(one)
    const group = one.out.aggregates > 0 ? request.group(null) : null
    if (group !== null) group.aggregates = [['u2', 'u1'], ['u0']]
    if (one.out.aggregates === 2) for (const uuid of ['z', 'y']) group?.forbiddenAggregates.add(uuid)
    assert.equal(urlEncoded(request.toQuery()), one.out.query, `case ${index}`)
    assert.deepEqual(
      [request.wantsPinning, request.suffixedGroupsOfFlavor, [...request.requiredTraits].sort()],
      [one.out.pinning, one.out.suffixed, one.out.traits],
      `case ${index}`,
    )
    compared += 1
  }
  assert.ok(compared > 300)
})

test('flavors and images that contradict each other are refused with the exceptions of a Zed scheduler', () => {
  const kinds = new Set<string>()
  for (const [index, one] of cases.entries()) {
    const { out } = one
    if (!('error' in out)) continue
    kinds.add(out.error)
    assert.throws(
      () => requestOf(one),
      (err) => {
        // Python stumbles over an image without a name while it writes the message of the conflict.
        if (!isNovaErrorKind(out.error)) return err instanceof NovaError
        assert.ok(err instanceof NovaError)
        assert.deepEqual([err.kind, err.message], [out.error, out.message], `case ${index}`)
        return true
      },
      `case ${index}: ${out.error}`,
    )
  }
  assert.ok(kinds.size > 8)
})
