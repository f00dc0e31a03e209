import type { HostWeigher } from './weigher.js'

/** Builds that failed in a row count against a host. */
export const buildFailureWeigher: HostWeigher = {
  name: 'BuildFailureWeigher',
  module: 'compute',
  multiplierName: 'build_failure_weight_multiplier',
  multiplier: ({ settings }) => settings.build_failure_weight_multiplier,
  against: true,
  prepare: () => (host) => host.facts.failedBuilds,
}
