// Upstart is gone from current distributions: the scripts of its jobs run with `sh -e`, as it runs them, against stand-ins for its commands.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missing } from './needs.mjs'
import { Sandbox } from './sandbox.mjs'
import { stanza } from './upstart-stanza.mjs'

const skip = missing('sandbox')

/** Each writes down how it was called; `answers` are pieces of shell. */
async function machine(t, answers = {}) {
  const sandbox = await Sandbox.open(t)
  sandbox.output('mkdir /stand-ins')
  const standard = { status: 'exit 1', start: ':', modprobe: ':', 'running-in-container': 'exit 1', sleep: ':', 'start-stop-daemon': ':' }
  for (const [command, answer] of Object.entries({ ...standard, ...answers }))
    sandbox.write(`/stand-ins/${command}`, `#!/bin/sh\necho "${command} $*" >>/calls\n${answer}\n`, '0755')
  return sandbox
}

function run(sandbox, name, service = 'nova-compute') {
  const script = stanza(sandbox.output(`cat /etc/init/${service}.conf`), name)
  const [, retries] = /^env MAX_STATUS_CHECK_RETRIES=(\d+)$/m.exec(sandbox.output(`cat /etc/init/${service}.conf`)) ?? []
  sandbox.write('/script', script)
  const outcome = sandbox.run('PATH=/stand-ins:$PATH sh -e /script', { env: { MAX_STATUS_CHECK_RETRIES: retries } })
  const calls = sandbox.output('cat /calls 2>/dev/null; :').split('\n')
  return { ...outcome, calls: calls.filter((call) => call !== '') }
}

const libvirt = ['status libvirt-bin', 'status libvirtd']
const cleanup = (answer) => `[ "$1" = neutron-ovs-cleanup ] || exit 1\n${answer}`

test('where neither libvirt nor Open vSwitch are, nbd is loaded and the directories are made', { skip }, async (t) => {
  const sandbox = await machine(t)
  const { status, calls } = run(sandbox, 'pre-start script')
  assert.equal(status, 0)
  assert.deepEqual(calls, ['running-in-container ', 'modprobe nbd', ...libvirt, 'status neutron-ovs-cleanup'])
  assert.equal(
    sandbox.output("stat -c '%n %U:%G' /var/lock/nova /var/run/nova /var/lib/nova /var/log/nova"),
    '/var/lock/nova nova:nova\n/var/run/nova nova:nova\n/var/lib/nova nova:nova\n/var/log/nova nova:adm',
  )
})

test('in a container no module is loaded', { skip }, async (t) => {
  const { status, calls } = run(await machine(t, { 'running-in-container': 'exit 0' }), 'pre-start script')
  assert.equal(status, 0)
  assert.ok(!calls.includes('modprobe nbd'))
})

test('a kernel without nbd holds nothing up', { skip }, async (t) => {
  const { status, stderr } = run(await machine(t, { modprobe: 'exit 1' }), 'pre-start script')
  assert.equal(status, 0)
  assert.match(stderr, /nbd cannot be loaded/)
})

test('libvirt is waited for where there is a job of it', { skip }, async (t) => {
  const { status, calls } = run(await machine(t, { status: '[ "$1" = libvirt-bin ]' }), 'pre-start script')
  assert.equal(status, 0)
  assert.deepEqual(
    calls.filter((call) => call.startsWith('start')),
    ['start wait-for-state WAIT_FOR=libvirt-bin WAIT_STATE=running WAITER=nova-compute'],
  )
})

test('a cleanup of Open vSwitch that has run is not pushed', { skip }, async (t) => {
  const { status, calls } = run(await machine(t, { status: cleanup('echo neutron-ovs-cleanup start/running') }), 'pre-start script')
  assert.equal(status, 0)
  assert.ok(!calls.some((call) => /^(start|sleep) /.test(call)))
})

test('a cleanup that comes up on the third try has been pushed each time, with growing delays', { skip }, async (t) => {
  const comesUp = cleanup(
    'if [ "$(grep -c "^start neutron" /calls)" -ge 3 ]; then echo "$1 start/running"; else echo "$1 stop/waiting"; fi',
  )
  const { status, calls } = run(await machine(t, { status: comesUp, start: 'exit 1' }), 'pre-start script')
  assert.equal(status, 0)
  const push = 'start neutron-ovs-cleanup'
  assert.deepEqual(
    calls.filter((call) => /^(start|sleep) /.test(call)),
    [push, 'sleep 1', push, 'sleep 2', push, 'sleep 3'],
  )
})

test('a cleanup that never comes up is given up after 20 tries, and said so', { skip }, async (t) => {
  const { status, stderr, calls } = run(await machine(t, { status: cleanup('echo "$1 stop/waiting"') }), 'pre-start script')
  assert.equal(status, 0)
  assert.match(stderr, /^neutron-ovs-cleanup does not run after 20 tries; going on without it$/m)
  assert.equal(calls.filter((call) => call === 'start neutron-ovs-cleanup').length, 20)
  assert.equal(calls.at(-2), 'sleep 20')
})

test('the program runs as nova, with the arguments that the init script would give', { skip }, async (t) => {
  const sandbox = await machine(t, { 'start-stop-daemon': ':' })
  sandbox.output('cp /stand-ins/start-stop-daemon /usr/sbin/start-stop-daemon; cp /stand-ins/start-stop-daemon /sbin/start-stop-daemon')
  sandbox.write('/usr/bin/nova-compute', '#!/bin/sh\n', '0755')
  sandbox.write('/etc/nova/nova-compute.conf', '')
  const { status, calls } = run(sandbox, 'script')
  assert.equal(status, 0)
  const [program, ...args] = sandbox.output('/etc/init.d/nova-compute show-args').split(' ')
  assert.deepEqual(calls, [`start-stop-daemon --start --chuid nova --exec ${program} -- ${args.join(' ')}`])
})

for (const service of ['nova-conductor', 'nova-scheduler'])
  test(`${service} asks for no module and waits for nothing`, { skip }, async (t) => {
    const { status, calls } = run(await machine(t), 'pre-start script', service)
    assert.equal(status, 0)
    assert.deepEqual(calls, [])
  })
