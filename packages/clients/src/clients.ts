import type { CinderClient } from './cinder/client.js'
import type { GlanceClient } from './glance/client.js'
import type { RequestInFlight } from './http/requests-in-flight.js'
import type { KeystoneClient } from './keystone/client.js'
import type { NeutronClient } from './neutron/client.js'
import type { PlacementClient } from './placement/client.js'

/** The services that Nova asks over REST. One for a process: tokens and connections are shared by all users of it. */
export interface Clients {
  /** null if `[placement] auth_type` and `auth_section` are not set. */
  readonly placement: PlacementClient | null
  /** null if `[neutron] auth_type` and `auth_section` are not set. */
  readonly neutron: NeutronClient | null
  readonly glance: GlanceClient
  readonly cinder: CinderClient
  /** null if this program does not ask for limits. */
  readonly keystone: KeystoneClient | null
  /** Requests under way, oldest first. */
  inFlight(): readonly RequestInFlight[]
  /** Ends idle connections; requests under way fail with `unreachable`. Idempotent. */
  close(): Promise<void>
}
