// In a file of its own: it takes as long as the script waits.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missing } from './needs.mjs'
import { Sandbox } from './sandbox.mjs'

test('a process that does not heed SIGTERM is killed after 30 s', { skip: missing('sandbox', 'start-stop-daemon') }, async (t) => {
  const sandbox = await Sandbox.open(t)
  sandbox.write('/usr/bin/nova-compute', "#!/bin/sh\ntrap 'echo told >>/tmp/told' TERM\nwhile :; do sleep 0.2; done\n", '0755')
  sandbox.output('/etc/init.d/nova-compute start')
  const { status, seconds } = sandbox.run('/etc/init.d/nova-compute stop')
  assert.equal(status, 0)
  assert.ok(seconds >= 30 && seconds < 36, `it took ${seconds} s`)
  assert.equal(sandbox.output('cat /tmp/told'), 'told')
  assert.equal(sandbox.run('pgrep -f /usr/bin/[n]ova-compute').status, 1)
  assert.equal(sandbox.run('/etc/init.d/nova-compute status').status, 3)
})
