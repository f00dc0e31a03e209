import type { Clients } from '../clients.js'
import { FakeCinder } from './fake-cinder.js'
import { FakeGlance } from './fake-glance.js'
import { FakeKeystone } from './fake-keystone.js'
import { FakeNeutron } from './fake-neutron.js'
import { FakePlacement } from './fake-placement.js'

/** All services in memory, in place of `createClients`. */
export class FakeClients implements Clients {
  readonly placement = new FakePlacement()
  readonly neutron = new FakeNeutron()
  readonly glance = new FakeGlance()
  readonly cinder = new FakeCinder()
  readonly keystone = new FakeKeystone()

  inFlight(): readonly [] {
    return []
  }

  async close(): Promise<void> {}
}
