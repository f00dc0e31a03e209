// The Debian packages under a real systemd: installed, upgraded, swapped with Debian's own, purged.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { buildPackages } from '../deb/packages.mjs'
import { missing } from './needs.mjs'
import { conductorConfig, Sandbox } from './sandbox.mjs'

const skip = missing('sandbox', 'nspawn', 'dpkg-deb')
const folder = mkdtempSync(join(tmpdir(), 'micronova-deb-test-'))
const cleanups = [() => rmSync(folder, { recursive: true, force: true })]
let sandbox
/** Files of other packages whose names look like ours. */
let others = []

/** Debian's nova-compute and nova-common as far as ours meet them: the same conffiles, programs and directories. */
const debian = {
  'nova-common': {
    'etc/logrotate.d/nova-common': '/var/log/nova/*.log { daily }\n',
    'DEBIAN/conffiles': '/etc/logrotate.d/nova-common\n',
    'DEBIAN/postinst': `#!/bin/sh
getent passwd nova >/dev/null || adduser --system --quiet --uid 64060 --group --home /var/lib/nova --no-create-home nova
install -d -o nova -g nova -m 0750 /etc/nova; install -d -o nova -g nova /var/lib/nova; install -d -o nova -g adm -m 0750 /var/log/nova
`,
  },
  'nova-compute': {
    'etc/init.d/nova-compute': '#!/bin/sh\n# of Debian\nexec /usr/bin/nova-compute\n',
    'lib/systemd/system/nova-compute.service': '[Service]\nExecStart=/etc/init.d/nova-compute\n[Install]\nWantedBy=multi-user.target\n',
    'usr/bin/nova-compute': '#!/bin/sh\nexec sleep 1000 # of Debian\n',
    'DEBIAN/conffiles': '/etc/init.d/nova-compute\n',
    'DEBIAN/postinst': `#!/bin/sh
chmod +x /etc/init.d/nova-compute
update-rc.d nova-compute defaults
deb-systemd-helper unmask nova-compute.service; deb-systemd-helper enable nova-compute.service
systemctl daemon-reload; deb-systemd-invoke start nova-compute.service
`,
    'DEBIAN/prerm': '#!/bin/sh\ndeb-systemd-invoke stop nova-compute.service\n',
    'DEBIAN/postrm': '#!/bin/sh\n[ "$1" != remove ] || chmod -x /etc/init.d/nova-compute\n',
  },
}

/** Debian's own, as apt has kept them: the libraries that they need are on this machine, and so in the sandbox. */
const zed = ['nova-common', 'nova-compute', 'nova-compute-ironic']
const debianArchive = '/var/cache/apt/archives'
const debianFile = (name) => readdirSync(debianArchive).find((file) => file.startsWith(`${name}_`))

function buildDebian(name) {
  const tree = join(folder, name)
  const depends = name === 'nova-compute' ? 'Depends: nova-common\n' : ''
  const control = `Package: ${name}\nVersion: 2:26.2.2-1\nArchitecture: all\nMaintainer: nobody <n@localhost>\n${depends}Description: stand-in\n`
  for (const [file, text] of Object.entries({ ...debian[name], 'DEBIAN/control': control })) {
    mkdirSync(dirname(join(tree, file)), { recursive: true })
    writeFileSync(join(tree, file), text, { mode: /^#!/.test(text) ? 0o755 : 0o644 })
  }
  const target = join(folder, `${name}.deb`)
  execFileSync('dpkg-deb', ['--root-owner-group', '--build', tree, target], { stdio: 'ignore' })
  return target
}

const apt = (...args) => {
  const { status, stdout } = sandbox.run(`DEBIAN_FRONTEND=noninteractive apt-get -qq --yes ${args.join(' ')} </dev/null 2>&1`)
  assert.equal(status, 0, stdout)
}
/** Packages, by name and version, in the sandbox. */
const install = (version, ...names) => apt('install', ...names.map((name) => `/root/packages/${version}/${name}.deb`))

before(async () => {
  if (skip) return
  sandbox = await Sandbox.open({ after: (fn) => cleanups.push(fn) }, { installed: false, systemd: true })
  // Of this machine's own Nova, and its user, nothing must be left.
  sandbox.output(`dpkg-query -W -f '\${Package}\\n' 'nova-*' 'micronova-*' 2>/dev/null | xargs -r dpkg --force-all --purge >/dev/null 2>&1
    rm -rf /usr/sbin/policy-rc.d /etc/init/nova* /etc/logrotate.d/nova-common /etc/default/nova* /etc/init.d/nova-* /etc/systemd/system/*/nova-* /etc/sudoers.d/nova*
    userdel nova; groupdel nova; rm -rf /var/lib/nova /var/log/nova /etc/nova; systemctl daemon-reload; mkdir -p /root/packages/debian /root/packages/zed
    rm -rf /var/lib/apt/lists/* /var/lib/man-db/auto-update # nothing is downloaded, and nobody reads the manual`)
  others = traces()
  for (const version of ['0.0.1', '0.0.2']) {
    sandbox.output(`mkdir /root/packages/${version}`)
    for (const file of buildPackages(join(folder, version), { version, compression: 'gzip' }))
      sandbox.write(`/root/packages/${version}/${/([a-z-]+)_/.exec(file)[1]}.deb`, readFileSync(file))
  }
  for (const name of ['nova-common', 'nova-compute']) sandbox.write(`/root/packages/debian/${name}.deb`, readFileSync(buildDebian(name)))
  if (missing('debian-nova')) return
  for (const name of zed) sandbox.write(`/root/packages/zed/${name}.deb`, readFileSync(join(debianArchive, debianFile(name))))
})
after(async () => {
  for (const clean of cleanups) await clean()
})

const show = (service, property) => sandbox.output(`systemctl show --value --property=${property} ${service}`)

async function active(service) {
  for (let tries = 0; tries < 200; tries++) {
    if (show(service, 'ActiveState') === 'active' && show(service, 'Job') === '') return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail(`${service} is ${show(service, 'ActiveState')}`)
}

/** Everything on the machine that may be called after us or Nova. */
const traces = () =>
  sandbox
    .output(
      `find /etc /usr/bin /usr/lib/micronova /usr/share /lib/systemd/system /var/lib/nova /var/log/nova /var/cache/nova /run/nova /var/lib/systemd \
        \\( -name '*nova-co*' -o -name '*nova-sch*' -o -name '*micronova*' -o -path '*/nova/*' -o -name nova \\) -not -path '*/python3*' 2>/dev/null; :`,
    )
    .split('\n')
    .filter((path) => path !== '' && !others.includes(path))

test('installed, the services have user, directories and files, and are enabled; upgraded, they are restarted', { skip }, async () => {
  install('0.0.1', 'micronova-common', 'micronova-conductor', 'micronova-compute')
  assert.equal(sandbox.output('id nova'), 'uid=64060(nova) gid=64060(nova) groups=64060(nova)')
  const owners = sandbox.output("stat -c '%n %U:%G %a' /etc/nova /etc/nova/nova.conf /var/lib/nova /var/log/nova")
  assert.deepEqual(owners.split('\n'), [
    '/etc/nova nova:nova 750',
    '/etc/nova/nova.conf root:nova 640',
    '/var/lib/nova nova:nova 755',
    '/var/log/nova nova:adm 750',
  ])
  assert.equal(sandbox.output('systemctl is-enabled nova-conductor nova-compute'), 'enabled\nenabled')
  assert.match(sandbox.output('ls /etc/rc2.d'), /^S\d\dnova-conductor$/m)
  assert.match(sandbox.output('nova-conductor --version'), /^26\.2\.2\nmicronova /)
  sandbox.output('systemctl stop nova-compute')
  sandbox.write('/etc/nova/nova.conf', conductorConfig(1))
  sandbox.output('systemctl restart nova-conductor')
  const pid = show('nova-conductor', 'MainPID')
  install('0.0.2', 'micronova-common', 'micronova-conductor', 'micronova-compute')
  await active('nova-conductor')
  assert.notEqual(show('nova-conductor', 'MainPID'), pid)
  assert.equal(sandbox.output('cat /etc/nova/nova.conf'), conductorConfig(1).trimEnd())
})

test('the user of nova-compute may start the privileged helper, which keeps the capabilities that were asked for, and nothing else as root', {
  skip: skip || missing('sudo'),
}, () => {
  assert.equal(sandbox.run('visudo --check --file=/etc/sudoers.d/micronova-nova-compute').status, 0)
  const asNova = (command) => sandbox.run(`: | setpriv --reuid nova --regid nova --init-groups ${command}`)
  const started = asNova(
    'sudo -n /usr/bin/micronova-privsep-helper --privsep_context vif_plug_ovs.privsep.vif_plug --privsep_capabilities CAP_NET_ADMIN',
  )
  assert.equal(started.status, 0, started.stderr)
  assert.match(started.stdout, /"uid":0,.*"effective":\["CAP_NET_ADMIN"\]/)
  assert.notEqual(asNova('sudo -n id').status, 0)
})

test('the manual has a page of each, and bash completes options and files', { skip }, () => {
  for (const service of ['nova-compute', 'nova-conductor'])
    assert.equal(sandbox.run(`zcat /usr/share/man/man1/${service}.1.gz | grep -q '^\\.SH NAME'`).status, 0)
  const complete = (...words) =>
    sandbox.output(
      `bash -c '. /usr/share/bash-completion/completions/nova-compute; COMP_WORDS=(nova-compute ${words.join(' ')}); COMP_CWORD=${words.length}
        _micronova_nova_compute nova-compute; echo "\${COMPREPLY[@]}"'`,
    )
  assert.equal(complete('--config-'), '--config-dir --config-file')
  assert.equal(complete('--config-file', '/etc/nova/no'), '/etc/nova/nova.conf')
})

test("the administrator's commands are there, with their manual and completion, as long as Debian's are not", { skip }, () => {
  install('0.0.2', 'micronova-tools')
  assert.equal(sandbox.output('nova-manage --config-file /etc/nova/nova.conf db version'), 'ccb0fa1a2252') // of the conductor's database
  const status = sandbox.run('nova-status --config-file /etc/nova/nova.conf upgrade check')
  assert.deepEqual([status.status, /\[?api_database/.test(status.stderr)], [255, true], status.stderr) // this deployment has none
  assert.match(sandbox.run('micronova config check --config-file /etc/nova/nova.conf').stdout, /0 errors/)
  for (const command of ['nova-manage', 'nova-status', 'micronova'])
    assert.equal(sandbox.run(`zcat /usr/share/man/man1/${command}.1.gz | grep -q '^\\.SH NAME'`).status, 0)
  const complete = (command, ...words) =>
    sandbox.output(
      `bash -c '. /usr/share/bash-completion/completions/${command}; COMP_WORDS=(${command} ${words.join(' ')}); COMP_CWORD=${words.length}
        _micronova_${command.replaceAll('-', '_')} ${command}; echo "\${COMPREPLY[@]}"'`,
    )
  assert.equal(complete('nova-manage', 'cell_v2', 'map_'), 'map_cell0 map_cell_and_hosts map_instances')
  assert.equal(complete('nova-manage', 'db', 'archive_deleted_rows', '--un'), '--until-complete')
  assert.equal(complete('nova-manage', 'a'), 'api_db')
  assert.equal(complete('micronova', 'config', 's'), 'sample')
  assert.equal(complete('micronova', 'config', 'check', '--config-file', '/etc/nova/no'), '/etc/nova/nova.conf')
  apt('purge', 'micronova-tools')
})

test('purged, they leave what the administrator wrote', { skip }, () => {
  apt('purge', 'micronova-conductor', 'micronova-compute', 'micronova-common')
  assert.deepEqual(
    traces().filter((path) => !path.startsWith('/var/lib/nova/nova.sqlite')),
    ['/etc/nova', '/etc/nova/nova.conf', '/var/lib/nova'],
  )
  sandbox.output('rm -r /etc/nova /var/lib/nova')
  install('0.0.1', 'micronova-common', 'micronova-scheduler')
  apt('purge', 'micronova-scheduler', 'micronova-common')
  assert.deepEqual(traces(), [])
  assert.equal(sandbox.run('getent passwd nova; getent group nova').status, 2)
})

/** Debian's service runs; it may wait for its broker, which is not here. */
async function runs(service, command) {
  let line = ''
  for (let tries = 0; tries < 200; tries++) {
    line = sandbox.output(`tr '\\0' ' ' </proc/${show(service, 'MainPID')}/cmdline 2>/dev/null; :`)
    if (command.test(line)) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.fail(`${service} runs as: ${line}`)
}

/** A service of Debian's waits for its broker until systemd gives it up: sooner than usual, so that its installation ends. */
function installDebian(version, ...names) {
  const dropIn = '/run/systemd/system/nova-compute.service.d'
  sandbox.output(`mkdir -p ${dropIn}`)
  sandbox.write(`${dropIn}/patience.conf`, '[Service]\nTimeoutStartSec=5\n')
  install(version, ...names)
  sandbox.output(`rm -r ${dropIn}; systemctl daemon-reload; systemctl start --no-block nova-compute`)
}

for (const [what, version, names, skipped] of [
  ["what stands in for Debian's nova-compute", 'debian', ['nova-common', 'nova-compute'], false],
  ["Debian's own nova-compute", 'zed', zed, missing('debian-nova')],
])
  test(`${what} is swapped for ours and back; configuration and state stay`, { skip: skip || skipped }, async () => {
    installDebian(version, ...names)
    await runs('nova-compute', /nova-compute|sleep/)
    const debians = () => sandbox.output('cat /etc/init.d/nova-compute /usr/bin/nova-compute | md5sum; dpkg --verify nova-compute')
    const original = debians()
    const config = '[DEFAULT]\ncompute_driver = fake.FakeDriver\ntransport_url = memory://\nstate_path = /var/lib/nova\n'
    sandbox.write('/etc/nova/nova.conf', config)
    sandbox.write('/etc/nova/nova-compute.conf', config)
    sandbox.output('mkdir -p /var/lib/nova/instances; echo disk >/var/lib/nova/instances/disk')
    const kept = () => sandbox.output('cat /etc/nova/nova.conf /etc/nova/nova-compute.conf /var/lib/nova/instances/disk')
    install('0.0.1', 'micronova-common', 'micronova-compute')
    assert.equal(sandbox.output('readlink -f /usr/bin/nova-compute'), '/usr/lib/micronova/bin/nova-compute')
    assert.match(sandbox.output('grep -c systemd-start /etc/init.d/nova-compute'), /^[1-9]/)
    assert.match(sandbox.output(`dpkg-query -W -f '\${Status}' nova-compute`), /deinstall ok config-files/)
    await runs('nova-compute', /^node \/usr\/bin\/nova-compute /)
    assert.equal(kept(), `${config}${config}disk`)
    installDebian(version, ...names)
    assert.equal(debians(), original)
    await runs('nova-compute', /^(?!node)./)
    apt('purge', 'micronova-compute', 'micronova-common')
    assert.equal(kept(), `${config}${config}disk`)
    assert.equal(sandbox.output('systemctl is-enabled nova-compute'), 'enabled')
    await runs('nova-compute', /^(?!node)./)
    assert.equal(sandbox.run('test -x /etc/init.d/nova-compute && test -e /var/log/nova && getent passwd nova').status, 0)
    sandbox.output(`systemctl stop nova-compute; DEBIAN_FRONTEND=noninteractive dpkg --force-all --purge ${names.join(' ')}`)
    sandbox.output('rm -rf /etc/nova /var/lib/nova /var/log/nova; userdel nova')
  })
