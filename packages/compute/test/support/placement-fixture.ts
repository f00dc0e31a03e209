import { FakePlacement } from '@micronova/clients'
import { Service } from '@micronova/model'
import { FakeClock } from '@micronova/testing'
import type { ComputeParts } from '../../src/parts.js'
import { HostPlacement, type PlacementSection, placementOptions } from '../../src/placement/index.js'
import { resourceOptions } from '../../src/resource-tracker/options.js'
import { auditPlacement, updateHostResources } from '../../src/update-host-resources.js'
import { countingRandom, host } from './compute-fixture.js'
import { defaultsOf, type TrackerFixture, type TrackerFixtureOptions, trackerFixture } from './tracker-fixture.js'

export interface PlacementFixture extends TrackerFixture {
  /** Placement itself, with what it was asked. */
  readonly server: FakePlacement
  readonly clock: FakeClock
  /** Count the node, then audit it: what a start and each periodic run do. */
  update(): Promise<void>
  /** Another process with the same Placement and the same stores. */
  restart(): void
}

export interface PlacementFixtureOptions extends TrackerFixtureOptions {
  readonly section?: Partial<PlacementSection>
}

/** A compute with its tracker and a Placement in memory; its service record is there, its node not yet. */
export async function placementFixture(options: PlacementFixtureOptions = {}): Promise<PlacementFixture> {
  const clock = new FakeClock()
  const server = new FakePlacement()
  const fixture = await trackerFixture({ ...options, clock })
  const { parts, stores, ctx } = fixture
  await stores.services.create(ctx, new Service({ host, binary: 'nova-compute', topic: 'compute', disabled: false, version: 66 }))
  const section = { ...defaultsOf(placementOptions), ...options.section }
  const resources = { ...defaultsOf(resourceOptions), ...options.resources }
  const newPlacement = () =>
    new HostPlacement(
      { placement: server, stores: parts.stores, driver: parts.driver, clock, random: countingRandom, log: fixture.log },
      { host, resources, section },
    )
  let placement = newPlacement()
  let tracker = fixture.tracker
  let isFirst = true
  const current: ComputeParts = {
    ...parts,
    get placement() {
      return placement
    },
    get tracker() {
      return tracker
    },
  }
  return {
    ...fixture,
    parts: current,
    server,
    clock,
    async update() {
      await updateHostResources(current, ctx, { startup: isFirst })
      isFirst = false
      await auditPlacement(current, ctx)
    },
    restart() {
      placement = newPlacement()
      tracker = fixture.restarted()
    },
  }
}

/** What Placement was asked since the last time, by name. */
export function takeRequests({ server }: Pick<PlacementFixture, 'server'>): string[] {
  return server.calls.log.splice(0).map(({ method }) => method)
}

export function nodeUuid({ parts }: PlacementFixture): string {
  const node = parts.tracker.nodes.get(host)
  if (node === undefined) throw new Error('the node is not counted yet')
  return node.uuid
}

/** As the scheduler does before it sends an instance here. */
export async function allocate(fixture: PlacementFixture, consumerUuid: string, providerUuids = [nodeUuid(fixture)]): Promise<void> {
  const resources = { VCPU: 1, MEMORY_MB: 512, DISK_GB: 1 }
  await fixture.server.putAllocations(fixture.ctx, consumerUuid, {
    allocations: Object.fromEntries(providerUuids.map((uuid) => [uuid, { resources }])),
    project_id: 'project1',
    user_id: 'user1',
    consumer_generation: null,
  })
  fixture.server.calls.log.length = 0
}
