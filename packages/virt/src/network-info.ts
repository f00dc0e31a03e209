import type { Vif } from '@micronova/model'

/** The network interfaces of a guest, in the order in which it sees them. */
export type NetworkInfo = readonly Vif[]
