import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Instance, isNovaError, type NovaErrorKind } from '@micronova/model'
import type { NetworkApi } from '../../src/network/network-api.js'
import { computeFixture, currentInstance, type Fixture, host, nextUuid } from '../support/compute-fixture.js'
import { cachedVifs, instanceOnHost, neutronFixture, requests } from '../support/neutron-fixture.js'

interface Made {
  readonly fixture: Fixture
  readonly networks: NetworkApi
  /** Makes a network. @returns its id */
  network(): string
}

const implementations: readonly (readonly [name: string, make: () => Made])[] = [
  [
    'simulated networks',
    () => {
      const fixture = computeFixture()
      return { fixture, networks: fixture.parts.networks, network: nextUuid }
    },
  ],
  [
    'networks of Neutron',
    () => {
      const fixture = neutronFixture()
      return { fixture, networks: fixture.networks, network: () => fixture.neutron.addNetwork().id }
    },
  ],
]

const isKind = (kind: NovaErrorKind) => (err: unknown) => isNovaError(err, kind)
const elsewhere = 'compute2'

for (const [name, make] of implementations) {
  /** An instance with an interface on each of two networks. */
  async function booted() {
    const made = make()
    const { fixture, networks } = made
    const ids = [made.network(), made.network()]
    const instance = await instanceOnHost(fixture, { vm_state: 'active', task_state: null })
    const wanted = { networks: requests(...ids.map((network_id, i) => ({ network_id, tag: `nic${i}` }))), securityGroups: ['default'] }
    const vifs = await networks.allocate(fixture.ctx, instance, wanted).record()
    return { ...made, ctx: fixture.ctx, ids, instance, vifs }
  }
  const rows = ({ stores, ctx }: Fixture, { uuid }: Instance) => stores.virtualInterfaces.listByInstanceUuid(ctx, uuid)
  const addressesOf = (
    vifs: readonly {
      readonly network: { readonly subnets: readonly { readonly ips: readonly { readonly address: string | null }[] }[] } | null
    }[],
  ) => vifs.flatMap(({ network }) => network?.subnets.flatMap(({ ips }) => ips.map(({ address }) => address)) ?? [])

  test(`${name}: what is allocated is in the order asked for, in the rows with its tags, and in the cache`, async () => {
    const { fixture, ids, instance, vifs } = await booted()
    assert.deepEqual(
      vifs.map(({ network }) => network?.id),
      ids,
    )
    assert.deepEqual(
      (await rows(fixture, instance)).map(({ uuid, tag }) => [uuid, tag]),
      vifs.map(({ id }, i) => [id, `nic${i}`]),
    )
    assert.deepEqual(await cachedVifs(fixture, instance), vifs)
    assert.deepEqual(instance.info_cache?.network_info, vifs)
  })

  test(`${name}: nothing is written before what is allocated is recorded`, async () => {
    const { fixture, networks, network } = make()
    const instance = await instanceOnHost(fixture)
    const wanted = { networks: requests({ network_id: network() }), securityGroups: [] }
    await networks.allocate(fixture.ctx, instance, wanted).settled()
    assert.deepEqual(await rows(fixture, instance), [])
    assert.deepEqual(await cachedVifs(fixture, instance), [])
    await networks.deallocate(fixture.ctx, instance, wanted.networks)
  })

  test(`${name}: a refresh finds what was allocated`, async () => {
    const { fixture, networks, ctx, instance, vifs } = await booted()
    for (const options of [{}, { force: true }, { changedPort: vifs[0]?.id ?? '' }])
      assert.deepEqual(await networks.networkInfo(ctx, instance, options), vifs)
    await networks.healNetworkInfo(ctx, instance, host, true)
    assert.deepEqual(await cachedVifs(fixture, instance), vifs)
  })

  test(`${name}: what is given back is gone, twice without harm`, async () => {
    const { fixture, networks, ctx, instance } = await booted()
    for (let i = 0; i < 2; i++) await networks.deallocate(ctx, await currentInstance(fixture, instance.uuid))
    assert.deepEqual(await rows(fixture, instance), [])
    assert.deepEqual(await cachedVifs(fixture, instance), [])
    assert.deepEqual(await networks.networkInfo(ctx, instance), [])
  })

  test(`${name}: an interface comes at the end, and goes twice without harm`, async () => {
    const { fixture, networks, ctx, ids, instance, vifs } = await booted()
    const request = { networkId: ids[0] ?? '', portId: null, address: null, tag: 'new' }
    const vif = await networks.attachInterface(ctx, instance, request)
    assert.deepEqual(await cachedVifs(fixture, instance), [...vifs, vif])
    assert.equal((await rows(fixture, instance)).at(-1)?.tag, 'new')
    for (let i = 0; i < 2; i++) await networks.detachInterface(ctx, instance, vif.id ?? '')
    assert.deepEqual(await cachedVifs(fixture, instance), vifs)
    assert.equal((await rows(fixture, instance)).length, vifs.length)
  })

  test(`${name}: a port that is forgotten leaves the cache alone`, async () => {
    const { fixture, networks, ctx, instance, vifs } = await booted()
    await networks.forgetPort(ctx, instance, vifs[0]?.id ?? '')
    assert.deepEqual(await cachedVifs(fixture, instance), vifs.slice(1))
  })

  test(`${name}: an address is added on the network that is named, and taken off`, async () => {
    const { networks, ctx, ids, instance, vifs } = await booted()
    const before = addressesOf(vifs)
    const more = addressesOf(await networks.addFixedIp(ctx, instance, ids[1] ?? ''))
    const [added, ...rest] = more.filter((address) => !before.includes(address))
    assert.deepEqual(rest, [])
    assert.deepEqual(addressesOf(await networks.removeFixedIp(ctx, instance, String(added))), before)
    await assert.rejects(networks.addFixedIp(ctx, instance, nextUuid()), isKind('NetworkNotFoundForInstance'))
    await assert.rejects(networks.removeFixedIp(ctx, instance, '203.0.113.1'), isKind('FixedIpNotFoundForInstance'))
  })

  test(`${name}: a move there and back leaves the interfaces as they were`, async () => {
    const { fixture, networks, ctx, instance, vifs } = await booted()
    for (const [from, to] of [
      [host, elsewhere],
      [elsewhere, host],
    ] as const) {
      await networks.setupNetworksOnHost(ctx, instance, to)
      await networks.migrateInstanceStart(ctx, instance, to)
      await networks.migrateInstanceFinish(ctx, instance, to)
      instance.host = to
      await networks.setupNetworksOnHost(ctx, instance, from, { teardown: true })
      await networks.cleanupInstanceNetworkOnHost(ctx, instance, from)
    }
    assert.deepEqual(await networks.networkInfo(ctx, instance, { force: true }), vifs)
    assert.deepEqual(await cachedVifs(fixture, instance), vifs)
  })

  test(`${name}: each port can be bound to a further host, which is inactive, and bindings go without harm`, async () => {
    const { networks, ctx, instance, vifs } = await booted()
    const bindings = await networks.bindPortsToHost(ctx, instance, elsewhere)
    assert.deepEqual([...bindings.keys()].sort(), vifs.map(({ id }) => id).sort())
    for (const { host: bound, status } of bindings.values()) assert.deepEqual([bound, status], [elsewhere, 'INACTIVE'])
    for (const id of bindings.keys()) for (let i = 0; i < 2; i++) await networks.deletePortBinding(ctx, id, elsewhere)
  })

  test(`${name}: no network, where none is wanted`, async () => {
    const { fixture, networks } = make()
    const instance = await instanceOnHost(fixture)
    const wanted = { networks: requests({ network_id: 'none' }), securityGroups: [] }
    assert.deepEqual(await networks.allocate(fixture.ctx, instance, wanted).record(), [])
    assert.deepEqual(await cachedVifs(fixture, instance), [])
  })
}
