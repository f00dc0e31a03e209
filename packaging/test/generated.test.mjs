// What can be said of the generated files without running them.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { generate } from '../generate.mjs'
import { services } from '../services.mjs'
import { missing } from './needs.mjs'
import { stanza } from './upstart-stanza.mjs'

const folder = mkdtempSync(join(tmpdir(), 'micronova-packaging-'))
after(() => rmSync(folder, { recursive: true, force: true }))
generate(folder)
const names = services.map(({ name }) => name)
const read = (...path) => readFileSync(join(folder, ...path), 'utf8')

function passes(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  assert.equal(status, 0, `${stdout}${stderr}`)
  return `${stdout}${stderr}`
}

test('nothing of a template is left over', () => {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) assert.doesNotMatch(read(join(entry.parentPath ?? entry.path, entry.name).slice(folder.length)), /@[A-Z_0-9 ]+@/)
})

test('an init script says what it needs and when it runs', () => {
  const script = read('etc/init.d/nova-compute')
  const header = script.slice(0, script.indexOf('### END INIT INFO'))
  const field = (name) => new RegExp(`^# ${name}: +(.*)$`, 'm').exec(header)?.[1]
  assert.equal(field('Provides'), 'nova-compute')
  assert.equal(field('Required-Start'), '$network $local_fs $remote_fs $syslog')
  assert.equal(field('Required-Stop'), '$remote_fs')
  assert.equal(field('Should-Start'), 'libvirtd postgresql mysql keystone rabbitmq-server ntp neutron-ovs-cleanup')
  assert.equal(field('Should-Stop'), field('Should-Start'))
  assert.equal(field('Default-Start'), '2 3 4 5')
  assert.equal(field('Default-Stop'), '0 1 6')
  for (const name of names) assert.equal(statSync(join(folder, 'etc/init.d', name)).mode & 0o777, 0o755)
})

test('shellcheck finds nothing in the init scripts and the scripts of the jobs', { skip: missing('shellcheck') }, () => {
  for (const name of names) {
    passes('shellcheck', ['--shell=sh', join(folder, 'etc/init.d', name)])
    for (const part of ['script', 'pre-start script']) {
      const file = join(folder, 'stanza.sh')
      // Upstart's `env` and its commands are not the script's.
      writeFileSync(file, `MAX_STATUS_CHECK_RETRIES=20\n${stanza(read('etc/init', `${name}.conf`), part)}`)
      passes('shellcheck', ['--shell=sh', '--exclude=SC2034', file])
    }
  }
})

test('systemd reads the units without a complaint', { skip: missing('systemd-analyze') }, () => {
  for (const name of names) {
    const unit = join(folder, `lib/systemd/system/${name}.service`)
    const complete = read(`lib/systemd/system/${name}.service`)
    // Where the init script and the page of the manual do not lie on this machine.
    writeFileSync(unit, complete.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/sh').replace(/^Documentation=.*\n/m, ''))
    const said = passes('systemd-analyze', ['verify', '--recursive-errors=no', unit])
    writeFileSync(unit, complete)
    assert.doesNotMatch(said, new RegExp(`${name}\\.service:`))
  }
})

test('a stop has longer than the graceful timeout, and what starts no helper is locked in', { skip: missing('systemd-analyze') }, () => {
  for (const name of names) {
    const unit = `lib/systemd/system/${name}.service`
    assert.ok(Number(/^TimeoutStopSec=(\d+)$/m.exec(read(unit))?.[1]) > 60)
    const score = passes('systemd-analyze', [
      'security',
      '--offline=true',
      `--threshold=${name === 'nova-compute' ? 90 : 20}`,
      join(folder, unit),
    ])
    assert.match(score, /Overall exposure level/)
  }
})

test('logrotate understands its file', { skip: missing('logrotate') }, () => {
  const said = passes('logrotate', ['--debug', '--state', join(folder, 'state'), join(folder, 'etc/logrotate.d/micronova-common')])
  assert.doesNotMatch(said, /^error:/m)
})
