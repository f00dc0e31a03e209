// The init script as it runs under dash, in a sandbox with real programs.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missing } from './needs.mjs'
import { computeConfig, Sandbox } from './sandbox.mjs'

const skip = missing('sandbox', 'start-stop-daemon')
const script = '/etc/init.d/nova-compute'
const pidFile = '/var/run/nova/nova-compute.pid'

/** A machine with nova-compute, or something else in its place. */
async function machine(t, program) {
  const sandbox = await Sandbox.open(t, { programs: program === undefined ? ['nova-compute'] : [] })
  if (program !== undefined) sandbox.write('/usr/bin/nova-compute', program, '0755')
  sandbox.write('/etc/nova/nova.conf', computeConfig)
  return sandbox
}

const status = (sandbox, verb) => sandbox.run(`${script} ${verb}`).status

test('nova-compute starts once, is told about, stops, and may be stopped again', { skip }, async (t) => {
  const sandbox = await machine(t)
  sandbox.write('/etc/nova/nova-compute.conf', '[DEFAULT]\nhost = fromsecondfile\n')
  assert.equal(status(sandbox, 'status'), 3)
  assert.equal(status(sandbox, 'start'), 0)
  const pid = sandbox.output(`cat ${pidFile}`)
  assert.equal(sandbox.output(`ps -o user=,group= -p ${pid}`).trim().split(/\s+/).join(':'), 'nova:nova')
  assert.equal(sandbox.output(`readlink /proc/${pid}/cwd`), '/var/lib/nova')
  assert.deepEqual(sandbox.output(`tr '\\0' ' ' </proc/${pid}/cmdline`).trim().split(' ').slice(1), [
    '/usr/bin/nova-compute',
    '--config-file=/etc/nova/nova.conf',
    '--config-file=/etc/nova/nova-compute.conf',
    '--log-file=/var/log/nova/nova-compute.log',
  ])
  assert.equal(status(sandbox, 'start'), 0)
  assert.equal(sandbox.output('pgrep -c -f /usr/bin/[n]ova-compute'), '1')
  assert.equal(sandbox.output(`cat ${pidFile}`), pid)
  const told = sandbox.run(`${script} status`)
  assert.equal(told.status, 0)
  assert.match(told.stdout, new RegExp(`is running, as process ${pid}\n$`))
  const stopped = sandbox.run(`${script} stop`)
  assert.equal(stopped.status, 0)
  assert.ok(stopped.seconds < 5, `the stop took ${stopped.seconds} s`)
  assert.equal(sandbox.run('pgrep -f /usr/bin/[n]ova-compute').status, 1)
  assert.equal(status(sandbox, 'status'), 3)
  assert.equal(status(sandbox, 'stop'), 0)
})

test('the directories of Nova are made and belong to it, but not what a link in their place points to', { skip }, async (t) => {
  const sandbox = await machine(t)
  sandbox.output('mkdir /etc/precious && ln -s /etc/precious /var/lock/nova')
  assert.equal(status(sandbox, 'start'), 0)
  const owners = sandbox.output("stat -c '%n %U:%G %a' /var/run/nova /var/lib/nova /var/cache/nova /var/log/nova /etc/precious")
  assert.deepEqual(owners.split('\n'), [
    '/var/run/nova nova:nova 755',
    '/var/lib/nova nova:nova 755',
    '/var/cache/nova nova:nova 755',
    '/var/log/nova nova:adm 750',
    '/etc/precious root:root 755',
  ])
})

test('a configuration that cannot be used makes the start fail with 1, and leaves no pid file', { skip }, async (t) => {
  const sandbox = await machine(t)
  sandbox.write('/etc/nova/nova.conf', 'this is not a configuration\n')
  const { status: failed, stderr } = sandbox.run(`${script} start`)
  assert.equal(failed, 1)
  assert.match(stderr, /ended at once/)
  assert.equal(status(sandbox, 'status'), 3)
})

test('after a kill the status is 1; a start begins anew', { skip }, async (t) => {
  const sandbox = await machine(t)
  assert.equal(status(sandbox, 'start'), 0)
  sandbox.output(`kill -9 $(cat ${pidFile}); sleep 0.3`)
  assert.equal(status(sandbox, 'status'), 1)
  assert.equal(status(sandbox, 'start'), 0)
  assert.equal(status(sandbox, 'status'), 0)
})

test('a number that has passed to another program is left alone', { skip }, async (t) => {
  const sandbox = await machine(t)
  const other = sandbox.output(
    `mkdir /run/nova; setpriv --reuid nova --clear-groups sleep 1000 >/dev/null 2>&1 & echo $! | tee ${pidFile.replace('/var', '')}`,
  )
  assert.equal(status(sandbox, 'status'), 1)
  assert.equal(status(sandbox, 'stop'), 0)
  assert.equal(sandbox.run(`kill -0 ${other}`).status, 0)
  sandbox.output(`echo ${other} >${pidFile}`)
  assert.equal(status(sandbox, 'start'), 0)
  assert.notEqual(sandbox.output(`cat ${pidFile}`), other)
  sandbox.output(`${script} stop; kill -0 ${other}`)
})

test('a pid file that holds no number leaves the status unknown', { skip }, async (t) => {
  const sandbox = await machine(t)
  sandbox.output(`mkdir /run/nova; echo rubbish >${pidFile}`)
  assert.equal(status(sandbox, 'status'), 4)
})

for (const verb of ['restart', 'force-reload'])
  test(`${verb} on a busy machine leaves one new process each time`, { skip }, async (t) => {
    const sandbox = await machine(t)
    sandbox.output('for i in 1 2 3 4; do (while :; do :; done) >/dev/null 2>&1 & done')
    let before = 'none'
    for (let round = 0; round < 3; round++) {
      assert.equal(status(sandbox, verb), 0)
      const pid = sandbox.output('pgrep -f /usr/bin/[n]ova-compute')
      assert.match(pid, /^\d+$/)
      assert.equal(sandbox.output(`cat ${pidFile}`), pid)
      assert.notEqual(pid, before)
      before = pid
    }
  })

test('without the program nothing is done, whatever the verb', { skip }, async (t) => {
  const sandbox = await machine(t, '')
  sandbox.output('chmod -x /usr/bin/nova-compute')
  for (const verb of ['start', 'stop', 'status', 'restart', 'systemd-start', 'nonsense', '']) assert.equal(status(sandbox, verb), 0, verb)
})

test('under Upstart its own job starts the service: the script does not, and says 1', { skip }, async (t) => {
  const sandbox = await machine(t, '#!/bin/sh\nsleep 1000\n')
  sandbox.write('/sbin/initctl', '#!/bin/sh\n[ "$1" = version ] && echo "init (upstart 1.13.2)"\n', '0755')
  for (const verb of ['start', 'restart', 'force-reload']) assert.equal(status(sandbox, verb), 1, verb)
  assert.equal(status(sandbox, 'stop'), 0)
  assert.equal(sandbox.run('pgrep -f /usr/bin/[n]ova-compute').status, 1)
})

test('a wrong verb, or none, is answered with the right ones and 3', { skip }, async (t) => {
  const sandbox = await machine(t, '#!/bin/sh\n')
  for (const verb of ['reload', '']) {
    const { status: wrong, stdout, stderr } = sandbox.run(`${script} ${verb}`)
    assert.equal(wrong, 3)
    assert.equal(stdout, '')
    assert.match(stderr, /^Usage: \/etc\/init\.d\/nova-compute \{start\|stop\|status\|restart\|force-reload\|systemd-start/)
  }
})

test('systemd-start becomes the program, without a pid file, as whoever runs it', { skip }, async (t) => {
  const sandbox = await machine(t, '#!/bin/sh\necho "$$ $(id -un) $*"\n')
  const [shell, told] = sandbox.output(`setpriv --reuid nova --clear-groups sh -c 'echo $$; exec ${script} systemd-start'`).split('\n')
  assert.equal(told, `${shell} nova --config-file=/etc/nova/nova.conf --log-file=/var/log/nova/nova-compute.log`)
  assert.equal(sandbox.run(`test -e ${pidFile}`).status, 1)
})

test('the files in /etc/default change the arguments, that of the service last', { skip }, async (t) => {
  const sandbox = await machine(t, '#!/bin/sh\n')
  const conf = '--config-file=/etc/nova/nova.conf'
  const log = '--log-file=/var/log/nova/nova-compute.log'
  for (const [settings, args] of [
    ['', [conf, log]],
    ['USE_SYSLOG=yes', [conf, '--use-syslog', log]],
    ['USE_LOGFILE=no', [conf]],
    ['USE_SYSLOG=yes\nUSE_LOGFILE=no', [conf, '--use-syslog']],
    ['NO_OPENSTACK_CONFIG_FILE_DAEMON_ARG=yes', [log]],
    ['NO_OPENSTACK_LOGFILE_DAEMON_ARG=yes', [conf]],
    ['CONFIG_FILE=/etc/other.conf', ['--config-file=/etc/other.conf', log]],
    ['DAEMON_ARGS="--debug --nouse-json"', ['--debug', '--nouse-json', conf, log]],
  ]) {
    sandbox.write('/etc/default/openstack', `USE_LOGFILE=yes\n${settings}\n`)
    sandbox.write('/etc/default/nova-compute', '')
    assert.equal(sandbox.output(`${script} show-args`), ['/usr/bin/nova-compute', ...args].join(' '), settings)
  }
  sandbox.write('/etc/default/openstack', 'USE_LOGFILE=no\n')
  sandbox.write('/etc/default/nova-compute', 'USE_LOGFILE=yes\nCONFIG_FILE=/mine.conf\n')
  assert.equal(sandbox.output(`${script} show-args`), `/usr/bin/nova-compute --config-file=/mine.conf ${log}`)
})
