import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nullLogger } from '@micronova/log'
import { Aggregate, ComputeNode, novaRegistry, RequestSpec, Service } from '@micronova/model'
import { readFixtureJson } from '@micronova/testing'
import type { FilterDeps, HostFilter } from '../../src/filters/filter.js'
import { hostFilters } from '../../src/filters/index.js'
import { numaTopologyFilter } from '../../src/filters/numa-topology.js'
import { pciPassthroughFilter } from '../../src/filters/pci-passthrough.js'
import { isRebuild } from '../../src/filters/scheduler-hints.js'
import { HostFacts } from '../../src/hosts/host-facts.js'
import { HostState } from '../../src/hosts/host-state.js'
import { filterSchedulerOptions, metricsOptions } from '../../src/options.js'
import { hostWeighers } from '../../src/weights/index.js'
import { weighHosts } from '../../src/weights/weigh-hosts.js'

type Primitive = Parameters<ReturnType<typeof novaRegistry>['fromPrimitive']>[0]

interface Consumed {
  readonly text: string
  readonly vcpus: number
  readonly cells?: readonly [id: number, pagesize: number | null, pinning: Record<string, number>, reserved: number[]][]
  readonly host?: readonly [id: number, cpus: number, memory: number, pinned: number[], pages: [size: number, used: number][]][]
  readonly pools: readonly number[]
}

interface Case {
  readonly conf: Readonly<Record<string, unknown>>
  readonly spec: Primitive
  /** By filter, a letter a host: passes, does not pass, exception. */
  readonly verdict: Readonly<Record<string, string>>
  /** By weigher, the weight of each host. */
  readonly weights: Readonly<Record<string, readonly number[] | { readonly error: string }>>
  /** Of the first hosts, after the instance was placed there; null where it does not fit. */
  readonly consumed: readonly (Consumed | null)[]
}

const fixture = readFixtureJson<{
  readonly hosts: readonly {
    readonly node: Primitive
    readonly service: Primitive
    readonly aggregates: readonly Primitive[]
    readonly instances: readonly string[]
    readonly cell: string
  }[]
  readonly cases: readonly Case[]
}>('upstream/scheduler-filters-and-weights.json')

const registry = novaRegistry()
const now = Date.parse('2026-11-22T12:00:00Z')

function decoded<T>(primitive: Primitive, objectClass: abstract new (...args: never[]) => T): T {
  const object: unknown = registry.fromPrimitive(primitive)
  assert.ok(object instanceof objectClass)
  return object
}

const parts = fixture.hosts.map(({ node, service, aggregates, instances, cell }) => {
  const record = decoded(service, Service)
  return {
    facts: new HostFacts(decoded(node, ComputeNode), registry),
    service: {
      disabled: record.disabled,
      forcedDown: record.forced_down,
      seenAt: (record.last_seen_up ?? record.created_at)?.getTime() ?? 0,
    },
    aggregates: aggregates.map((aggregate) => decoded(aggregate, Aggregate)),
    cellUuid: cell,
    instances,
  }
})

const freshHosts = () => parts.map((part) => new HostState({ ...part, instances: new Set(part.instances) }))

function sectionWith(
  group: { readonly group: string; readonly options: Readonly<Record<string, { readonly default: unknown }>> },
  conf: Case['conf'],
) {
  const entries = Object.entries(group.options).map(([name, { default: value }]) => [name, conf[`${group.group}.${name}`] ?? value])
  return Object.fromEntries(entries)
}

function depsOf({ conf }: Case): FilterDeps & { readonly metrics: ReturnType<typeof sectionWith> } {
  return {
    log: nullLogger,
    clock: { now: () => now },
    settings: sectionWith(filterSchedulerOptions, conf),
    metrics: sectionWith(metricsOptions, conf),
    serviceDownTimeSeconds: 60,
    defaultAvailabilityZone: 'nova',
  }
}

function verdictOf(filter: HostFilter, one: Case, spec: RequestSpec): string {
  const hosts = freshHosts()
  if (isRebuild(spec) && !filter.onRebuild) return '1'.repeat(hosts.length)
  return hosts.map((host) => (filter.prepare(spec, depsOf(one))(host) ? '1' : '0')).join('')
}

for (const filter of hostFilters) {
  test(`${filter.name} passes the hosts that it passes in a Zed scheduler`, () => {
    const seen = new Set<string>()
    for (const [index, one] of fixture.cases.entries()) {
      const expected = one.verdict[filter.name]
      assert.equal(verdictOf(filter, one, decoded(one.spec, RequestSpec)), expected, `case ${index}`)
      for (const letter of expected ?? '') seen.add(letter)
    }
    assert.equal(seen.size, filter.name === 'AllHostsFilter' ? 1 : 2, 'hosts of both kinds are compared')
  })
}

for (const weigher of hostWeighers) {
  test(`${weigher.name} weighs hosts as in a Zed scheduler`, () => {
    for (const [index, one] of fixture.cases.entries()) {
      const expected = one.weights[weigher.name]
      const hosts = freshHosts()
      const weigh = () => weighHosts([weigher], hosts, decoded(one.spec, RequestSpec), depsOf(one) as never)
      if (expected === undefined || !Array.isArray(expected)) {
        assert.throws(weigh, { kind: (expected as { error: string }).error })
        continue
      }
      const weights = new Map(weigh().map(({ host, weight }) => [host, weight]))
      for (const [at, host] of hosts.entries())
        assert.ok(
          Math.abs(weights.get(host)! - expected[at]!) < 1e-9,
          `case ${index}, ${host.host}: ${weights.get(host)} is not ${expected[at]}`,
        )
    }
  })
}

test('an instance takes the CPUs, memory, pages and devices of a host that it takes in a Zed scheduler', () => {
  let withCells = 0
  for (const [index, one] of fixture.cases.entries()) {
    for (const [at, expected] of one.consumed.entries()) {
      const spec = decoded(one.spec, RequestSpec)
      const host = freshHosts()[at]!
      const fits = numaTopologyFilter.prepare(spec, depsOf(one))(host) && pciPassthroughFilter.prepare(spec, depsOf(one))(host)
      assert.equal(fits, expected !== null, `case ${index}, host ${at}`)
      if (expected === null) continue
      host.consume(spec)
      const where = `case ${index}, host ${at}`
      assert.deepEqual([host.toString(), host.vcpusUsed], [expected.text, expected.vcpus], where)
      assert.deepEqual(host.pciPools.pools.map(({ count }) => count).sort(), expected.pools, where)
      if (expected.cells === undefined) continue
      withCells += 1
      const cells = spec.numa_topology?.cells.map(({ id, pagesize, cpu_pinning_raw, cpuset_reserved }) => [
        id,
        pagesize,
        cpu_pinning_raw ?? {},
        [...(cpuset_reserved ?? [])].sort((a, b) => a - b),
      ])
      assert.deepEqual(cells, expected.cells, where)
      const nodes = host.numaTopology?.cells.map(({ id, cpu_usage, memory_usage, pinned_cpus, mempages }) => [
        id,
        cpu_usage,
        memory_usage,
        [...pinned_cpus].sort((a, b) => a - b),
        mempages.map(({ size_kb, used }) => [size_kb, used]),
      ])
      assert.deepEqual(nodes, expected.host, where)
    }
  }
  assert.ok(withCells > 40)
})
