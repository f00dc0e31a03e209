// The units under a real systemd, booted by systemd-nspawn over an overlay of this machine.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { missing } from './needs.mjs'
import { computeConfig, conductorConfig, Sandbox } from './sandbox.mjs'

const skip = missing('sandbox', 'nspawn')

/** One boot for all: each test leaves the services stopped. */
let sandbox
const cleanups = []
before(async () => {
  if (skip) return
  sandbox = await Sandbox.open({ after: (fn) => cleanups.push(fn) }, { programs: ['nova-compute', 'nova-conductor'], systemd: true })
  sandbox.write('/etc/nova/nova.conf', conductorConfig(2))
  sandbox.output('systemd-tmpfiles --create micronova-common.conf')
})
test.after(async () => {
  for (const clean of cleanups) await clean()
})

const show = (service, property) => sandbox.output(`systemctl show --value --property=${property} ${service}`)
const journal = (service) =>
  sandbox.output(`journalctl --no-pager --output=cat --unit=${service}; cat /var/log/nova/${service}.log 2>/dev/null; :`)

/** Another setting of a unit until the test ends. */
function dropIn(t, service, text) {
  sandbox.output(`mkdir -p /run/systemd/system/${service}.service.d`)
  sandbox.write(`/run/systemd/system/${service}.service.d/test.conf`, text)
  sandbox.output('systemctl daemon-reload')
  t.after(() => sandbox.run(`rm -r /run/systemd/system/${service}.service.d; systemctl daemon-reload`))
}

function stopAfter(t, service) {
  t.after(() => sandbox.run(`systemctl stop ${service}; systemctl reset-failed ${service}; rm -f /var/log/nova/${service}.log`))
}

async function until(what, condition) {
  for (let tries = 0; tries < 300; tries++) {
    if (condition()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail(`not within 30 s: ${what}`)
}

test('nova-conductor is active when it consumes, goes on through a reload, and stops well', { skip }, async (t) => {
  stopAfter(t, 'nova-conductor')
  sandbox.output('systemctl start nova-conductor')
  assert.match(journal('nova-conductor'), /step rpc_server done/)
  assert.equal(show('nova-conductor', 'ActiveState'), 'active')
  const pid = show('nova-conductor', 'MainPID')
  assert.equal(sandbox.output(`ps -o user= -p ${pid}`).trim(), 'nova')
  sandbox.output('systemctl reload nova-conductor')
  await until('the reload', () => journal('nova-conductor').match(/ Child caught SIGHUP, handling/g)?.length === 2)
  await until('the end of the reload', () => show('nova-conductor', 'ActiveState') === 'active')
  assert.equal(show('nova-conductor', 'MainPID'), pid)
  const stopped = sandbox.run('systemctl stop nova-conductor')
  assert.equal(stopped.status, 0)
  assert.ok(stopped.seconds < 10, `${stopped.seconds} s`)
  assert.deepEqual([show('nova-conductor', 'Result'), show('nova-conductor', 'ExecMainStatus')], ['success', '0'])
  assert.equal(sandbox.output('stat -c %U /run/nova /run/lock/nova | sort -u'), 'nova')
})

test('a nova-compute that waits for its conductor is not active yet, and can be stopped', { skip }, async (t) => {
  stopAfter(t, 'nova-compute')
  sandbox.write('/etc/nova/nova-compute.conf', computeConfig)
  sandbox.output('systemctl start --no-block nova-compute')
  await until('the wait for the conductor', () => /nova-conductor did not answer/.test(journal('nova-compute')))
  assert.equal(show('nova-compute', 'ActiveState'), 'activating')
  sandbox.output('systemctl stop nova-compute')
  assert.equal(show('nova-compute', 'Result'), 'success')
})

test('a service whose event loop is stuck is killed by the watchdog, and started again', { skip }, async (t) => {
  stopAfter(t, 'nova-conductor')
  dropIn(t, 'nova-conductor', '[Service]\nWatchdogSec=4\nRestartSec=0\n')
  sandbox.output('systemctl start nova-conductor')
  sandbox.output('sleep 6') // longer than the watchdog waits
  const pid = show('nova-conductor', 'MainPID')
  assert.deepEqual([show('nova-conductor', 'NRestarts'), show('nova-conductor', 'ActiveState')], ['0', 'active'])
  sandbox.output(`kill -STOP ${pid}`)
  await until('a restart', () => show('nova-conductor', 'NRestarts') === '1' && show('nova-conductor', 'ActiveState') === 'active')
  assert.notEqual(show('nova-conductor', 'MainPID'), pid)
  assert.match(journal('nova-conductor'), /Watchdog timeout/)
})

test('a worker that is stuck is replaced, and the service goes on', { skip }, async (t) => {
  stopAfter(t, 'nova-conductor')
  dropIn(t, 'nova-conductor', '[Service]\nWatchdogSec=6\n')
  sandbox.output('systemctl start nova-conductor')
  const pid = show('nova-conductor', 'MainPID')
  const workers = () => sandbox.output(`pgrep --parent ${pid} --full /usr/bin/nova-conductor`).split('\n')
  await until('two workers', () => (journal('nova-conductor').match(/step rpc_server done/g) ?? []).length === 2)
  const [stuck] = workers()
  sandbox.output(`kill -STOP ${stuck}`)
  await until('its end', () => !workers().includes(stuck) && workers().length === 2)
  assert.deepEqual([show('nova-conductor', 'MainPID'), show('nova-conductor', 'NRestarts')], [pid, '0'])
})

test('a service that crashes or cannot start is started again, one with a wrong command line is not', { skip }, async (t) => {
  stopAfter(t, 'nova-conductor')
  dropIn(t, 'nova-conductor', '[Service]\nRestartSec=1\n')
  sandbox.output('systemctl start nova-conductor')
  sandbox.output(`kill -9 ${show('nova-conductor', 'MainPID')}`)
  await until('a restart', () => show('nova-conductor', 'NRestarts') === '1' && show('nova-conductor', 'ActiveState') === 'active')
  sandbox.output('systemctl stop nova-conductor')
  t.after(() => sandbox.run('rm -f /etc/default/nova-conductor /etc/nova/nova-conductor.conf'))
  sandbox.write('/etc/nova/nova-conductor.conf', '[database]\nconnection = nonsense\n')
  assert.equal(sandbox.run('systemctl start nova-conductor').status, 1)
  await until('a second start', () => Number(show('nova-conductor', 'NRestarts')) >= 1)
  assert.match(journal('nova-conductor'), /Main process exited, code=exited, status=1/)
  sandbox.output('systemctl stop nova-conductor; systemctl reset-failed nova-conductor || :')
  sandbox.write('/etc/default/nova-conductor', 'DAEMON_ARGS=--nonsense\n')
  assert.equal(sandbox.run('systemctl start nova-conductor').status, 1)
  sandbox.output('sleep 2')
  assert.deepEqual(
    ['ActiveState', 'ExecMainStatus', 'NRestarts'].map((property) => show('nova-conductor', property)),
    ['failed', '2', '0'],
  )
})

/** In the place of nova-compute: what its privileged helper does, started by sudo, which must be allowed to become root. */
const helperUser = `#!/bin/sh
{
  sudo -n id -u
  sudo -n ip link set lo mtu 65000 && echo link
  sudo -n sh -c 'mkdir -p /var/lib/nova/mnt && mount -t tmpfs -o size=1m helper /var/lib/nova/mnt' && echo mount
} >/var/lib/nova/told 2>&1
systemd-notify READY=1
exec sleep 1000
`

test('a helper that sudo starts from nova-compute is root, and the machine sees what it mounts', { skip: skip || missing('sudo') }, (t) => {
  stopAfter(t, 'nova-compute')
  sandbox.write('/etc/sudoers.d/nova', 'nova ALL = (root) NOPASSWD: ALL\n', '0440')
  sandbox.write('/usr/local/bin/helper-user', helperUser, '0755')
  sandbox.write('/etc/default/nova-compute', 'DAEMON=/usr/local/bin/helper-user\n')
  t.after(() => sandbox.run('rm -f /etc/default/nova-compute; umount /var/lib/nova/mnt'))
  sandbox.run('systemctl start nova-compute')
  assert.equal(sandbox.output('cat /var/lib/nova/told'), '0\nlink\nmount')
  assert.equal(sandbox.output('findmnt --noheadings --output SOURCE /var/lib/nova/mnt'), 'helper')
})
