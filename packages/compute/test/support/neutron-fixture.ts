import { FakeNeutron } from '@micronova/clients'
import { nullLogger } from '@micronova/log'
import { type Instance, NetworkRequest, NetworkRequestList, type RequestContext } from '@micronova/model'
import { FakeClock } from '@micronova/testing'
import { NeutronNetworks, type NeutronNetworksOptions } from '../../src/network/neutron/neutron-networks.js'
import { computeFixture, currentInstance, type Fixture, type FixtureOptions, host, storedInstance } from './compute-fixture.js'

export const projectId = 'project1'

/** A compute whose networks are Neutron's, in memory. */
export interface NeutronFixture extends Fixture {
  readonly neutron: FakeNeutron
  readonly networks: NeutronNetworks
  readonly clock: FakeClock
  /** Of a user who is no administrator. */
  readonly userCtx: RequestContext
}

export function neutronFixture(
  fixtureOptions: FixtureOptions = {},
  { allocateRetries = 0 }: Partial<NeutronNetworksOptions> = {},
): NeutronFixture {
  const clock = new FakeClock()
  const fixture = computeFixture({ clock, ...fixtureOptions })
  const neutron = new FakeNeutron()
  const networks = new NeutronNetworks(
    { neutron, stores: fixture.parts.stores, clock, log: nullLogger },
    { allocateRetries, ovsBridge: 'br-int', injected: false },
  )
  const userCtx: RequestContext = { ...fixture.ctx, isAdmin: false, authToken: 'token' }
  return { ...fixture, parts: { ...fixture.parts, networks }, neutron, networks, clock, userCtx }
}

/** An instance of the host, as it is while it is built. */
export function instanceOnHost(fixture: Fixture, values: Parameters<typeof storedInstance>[1] = {}): Promise<Instance> {
  return storedInstance(fixture, { host, node: host, hostname: 'vm1', availability_zone: 'nova', project_id: projectId, ...values })
}

type Wished = Partial<Record<'network_id' | 'port_id' | 'address' | 'tag' | 'pci_request_id', string>>

export function requests(...wished: readonly Wished[]): NetworkRequestList {
  const nothing = { network_id: null, port_id: null, address: null, tag: null, pci_request_id: null }
  return new NetworkRequestList({ objects: wished.map((one) => new NetworkRequest({ ...nothing, ...one })) })
}

/** Ports of an instance as they are after its build. */
export async function booted(fixture: NeutronFixture, ...wished: readonly Wished[]): Promise<Instance> {
  const instance = await instanceOnHost(fixture, { vm_state: 'active', task_state: null })
  await allocate(fixture, instance, requests(...wished))
  fixture.neutron.calls.log.length = 0
  fixture.calls.length = 0
  return currentInstance(fixture, instance.uuid)
}

export function allocate(
  { networks, userCtx }: NeutronFixture,
  instance: Instance,
  wanted: NetworkRequestList | null,
  securityGroups: readonly string[] = ['default'],
) {
  return networks.allocate(userCtx, instance, { networks: wanted, securityGroups }).record()
}

/** What Neutron was asked, without its extensions: those the real client keeps. */
export function asked({ neutron }: NeutronFixture): readonly string[] {
  return neutron.calls.methods.filter((method) => method !== 'extensions')
}

/** What the database has in the info cache of the instance. */
export async function cachedVifs(fixture: Fixture, { uuid }: Instance) {
  return (await currentInstance(fixture, uuid)).info_cache?.network_info ?? []
}
