import { runHelper } from '@micronova/privsep/privileged'
import { vifContexts } from '@micronova/vif/privileged'

// The service decides when the helper ends, by closing the channel: a signal to the whole group, or to all of a systemd unit, must not
// take the helper away from a service that finishes its work.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

runHelper(vifContexts, process.argv.slice(2)).then(
  () => process.exit(0),
  (err) => {
    process.stderr.write(`micronova-privsep-helper: ${err instanceof Error ? err.message : String(err)}\n`)
    process.exit(1)
  },
)
