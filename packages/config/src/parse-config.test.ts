import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zedCatalogue } from './catalogue.js'
import type { ParsedConfig } from './config.js'
import { defineOptions, opt } from './declare.js'
import { dumpConfig } from './dump.js'
import { ConfigError, DeclarationError, OptionValueError, SeveralConfigErrors, SubstitutionError } from './errors.js'
import { memorySources } from './memory-sources.js'
import { type ParseConfigOptions, parseConfig } from './parse-config.js'
import type { ConfigSources } from './sources.js'

const main = defineOptions('DEFAULT', {
  debug: opt.boolean({ default: false, mutable: true, cli: { short: 'd' } }),
  report_interval: opt.integer({ default: 10, min: 1 }),
  state_path: opt.string({ default: '/var/lib/nova' }),
  instances_path: opt.string({ default: '$state_path/instances' }),
  host: opt.hostDomain({ cli: true }),
  transport_url: opt.string({ default: 'rabbit://', secret: true }),
  filters: opt.multiString({ deprecatedNames: [{ name: 'filter' }] }),
})
const libvirt = defineOptions('libvirt', {
  virt_type: opt.string({ default: 'kvm', choices: ['kvm', 'qemu'] }),
  cpu_models: opt.list({ deprecatedNames: [{ name: 'cpu_model' }, { name: 'cpu-model', group: 'DEFAULT' }] }),
  live_migration_uri: opt.string({ deprecatedForRemoval: true, deprecatedReason: 'use another one.' }),
  password: opt.string({ secret: true, maxLength: 4, mutable: true }),
})
const nova = '/etc/nova/nova.conf'

function parse(sources: ConfigSources, argv: readonly string[] = [], more: Partial<ParseConfigOptions> = {}): ParsedConfig {
  const outcome = parseConfig(argv, { program: 'nova-compute', groups: [main, libvirt], sources, ...more })
  assert.equal(outcome.kind, 'config')
  return (outcome as Extract<typeof outcome, { kind: 'config' }>).config
}

const parseText = (text: string, more: Partial<ParseConfigOptions> = {}) => parse(memorySources({ [nova]: text }), [], more)

function errorOf(run: () => unknown): ConfigError {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error
  }
  return assert.fail('nothing was refused')
}

test('a section has the typed values of files and defaults', () => {
  const config = parseText('[DEFAULT]\ndebug = yes\nstate_path = /srv\n[libvirt]\ncpu_models = a, b\n')
  const values = config.section(main)
  assert.deepEqual([values.debug, values.report_interval, values.instances_path, values.host], [true, 10, '/srv/instances', null])
  assert.deepEqual({ ...config.section(libvirt) }, { virt_type: 'kvm', cpu_models: ['a', 'b'], live_migration_uri: null, password: null })
})

test('the default files are the first nova.conf and the first one of the program, then their folders', () => {
  const files = {
    '/etc/nova/nova.conf': '[DEFAULT]\nreport_interval = 1\n',
    '/etc/nova.conf': '',
    '/home/nova/.nova/nova-compute.conf': '[DEFAULT]\nhost = a\n',
    '/etc/nova/nova-compute.conf': '',
    '/etc/nova/nova.conf.d/20-b.conf': '[DEFAULT]\nreport_interval = 3\n',
    '/etc/nova/nova.conf.d/10-a.conf': '[DEFAULT]\nreport_interval = 2\n',
    '/etc/nova/nova.conf.d/.30-c.conf': '[DEFAULT]\nreport_interval = 4\n',
    '/etc/nova/nova.conf.d/40-d.conf~': '[DEFAULT]\nreport_interval = 5\n',
    '/etc/nova-compute.conf.d/x.conf': '',
  }
  const config = parse(memorySources(files))
  assert.deepEqual(config.files, [
    '/etc/nova/nova.conf',
    '/home/nova/.nova/nova-compute.conf',
    '/etc/nova/nova.conf.d/10-a.conf',
    '/etc/nova/nova.conf.d/20-b.conf',
    '/etc/nova-compute.conf.d/x.conf',
  ])
  assert.equal(config.section(main).report_interval, 3)
})

test("a snap's folders are looked through last", () => {
  const files = { '/snap/common/etc/nova/nova.conf': '', '/snap/own/etc/nova/nova.conf': '', '/snap/own/etc/nova/nova-compute.conf': '' }
  const config = parse(memorySources(files, { SNAP_COMMON: '/snap/common', SNAP: '/snap/own' }))
  assert.deepEqual(config.files, ['/snap/common/etc/nova/nova.conf', '/snap/own/etc/nova/nova-compute.conf'])
})

test('--config-file replaces the default files but not the default folders, and a later file has precedence', () => {
  const files = {
    [nova]: '[DEFAULT]\nstate_path = /no\n',
    '/etc/nova/nova.conf.d/a.conf': '[DEFAULT]\nreport_interval = 1\nhost = folder\n',
    '/home/nova/mine.conf': '[DEFAULT]\nreport_interval = 2\n',
    '/srv/nova/b.conf': '[DEFAULT]\nreport_interval = 3\n',
  }
  const config = parse(memorySources(files), ['--config-file', '~/mine.conf', '--config-file=b.conf'])
  assert.deepEqual(config.files, ['/etc/nova/nova.conf.d/a.conf', '/home/nova/mine.conf', '/srv/nova/b.conf'])
  const { report_interval, host, state_path } = config.section(main)
  assert.deepEqual([report_interval, host, state_path], [3, 'folder', '/var/lib/nova'])
})

test('--config-dir replaces the default folders but not the default files, and may be repeated', () => {
  const files = { [nova]: '', '/etc/nova/nova.conf.d/a.conf': '', '/x/2.conf': '', '/x/1.conf': '', '/y/0.conf': '' }
  assert.deepEqual(parse(memorySources(files), ['--config-dir', '/x', '--config-dir', '/y']).files, [
    nova,
    '/x/1.conf',
    '/x/2.conf',
    '/y/0.conf',
  ])
})

test('the command line has precedence over the environment, and that over files', () => {
  const sources = memorySources(
    { [nova]: '[DEFAULT]\nhost = file\nreport_interval = 1\nstate_path = /file\n' },
    { OS_DEFAULT__HOST: 'env', OS_DEFAULT__REPORT_INTERVAL: '2' },
  )
  const config = parse(sources, ['--host', 'cli'])
  const { host, report_interval, state_path } = config.section(main)
  assert.deepEqual([host, report_interval, state_path], ['cli', 2, '/file'])
  assert.deepEqual(config.location('DEFAULT', 'host'), { kind: 'command line', argument: '--host' })
  assert.deepEqual(config.location('DEFAULT', 'report_interval'), { kind: 'environment', variable: 'OS_DEFAULT__REPORT_INTERVAL' })
  assert.deepEqual(config.location('DEFAULT', 'state_path'), { kind: 'file', file: nova, line: 4, column: 14 })
  assert.deepEqual(config.location('libvirt', 'virt_type'), { kind: 'default' })
})

test('a file named after a switch has precedence over it', () => {
  const sources = memorySources({ '/a.conf': '[DEFAULT]\nhost = file\n' })
  assert.equal(parse(sources, ['--host', 'cli', '--config-file', '/a.conf']).section(main).host, 'file')
  assert.equal(parse(sources, ['--config-file', '/a.conf', '--host', 'cli']).section(main).host, 'cli')
})

test('a variable of the environment replaces all values of a multi-valued option by one', () => {
  const sources = memorySources({ [nova]: '[DEFAULT]\nfilters = a\nfilters = b\n' }, { OS_DEFAULT__FILTERS: 'c,d' })
  assert.deepEqual(parse(sources).section(main).filters, ['c,d'])
})

test('defaults of the program stand in place of declared ones, and a function is asked only for an option that is not set', () => {
  const defaults = { DEFAULT: { state_path: '/srv/$host', host: () => 'machine', report_interval: () => assert.fail() } }
  const values = parseText('[DEFAULT]\nreport_interval = 5\n', { defaults }).section(main)
  assert.deepEqual([values.report_interval, values.instances_path], [5, '/srv/machine/instances'])
})

test('an empty number means that the option is not set', () => {
  assert.equal(parseText('[DEFAULT]\nreport_interval =\n').section(main).report_interval, 10)
})

test('a wrong value is refused with its place, group, option and reason', () => {
  const error = errorOf(() => parseText('[DEFAULT]\nreport_interval = ten\n'))
  assert.ok(error instanceof OptionValueError)
  assert.equal(error.message, "/etc/nova/nova.conf:2:19: [DEFAULT] report_interval = 'ten': not an integer")
  assert.equal(error.exitStatus, 1)
})

test('a wrong value of a secret option is masked', () => {
  const error = errorOf(() => parseText('[libvirt]\npassword = hunter2\n'))
  assert.equal(error.message, "/etc/nova/nova.conf:2:12: [libvirt] password = '****': longer than 4 characters")
})

test('a wrong value in the environment or on the command line names the variable or the switch', () => {
  const environment = memorySources({}, { OS_LIBVIRT__VIRT_TYPE: 'xen' })
  assert.equal(
    errorOf(() => parse(environment)).message,
    "OS_LIBVIRT__VIRT_TYPE in the environment: [libvirt] virt_type = 'xen': must be one of kvm, qemu",
  )
  assert.equal(
    errorOf(() => parse(memorySources({}), ['--host=a b'])).message,
    "--host on the command line: [DEFAULT] host = 'a b': neither an IP address nor a host name",
  )
})

test('a wrong value is shown as it was written, not with what was put in', () => {
  const error = errorOf(() => parseText('[DEFAULT]\nreport_interval = $libvirt.password\n  s\n[libvirt]\npassword = pw\n'))
  assert.equal(error.message, "/etc/nova/nova.conf:2:19: [DEFAULT] report_interval = '$libvirt.password\\ns': not an integer")
})

test('all wrong values are reported together', () => {
  const error = errorOf(() => parseText('[DEFAULT]\nreport_interval = 0\n[libvirt]\nvirt_type = xen\n'))
  assert.ok(error instanceof SeveralConfigErrors)
  assert.deepEqual(
    error.errors.map(({ message }) => message),
    [
      "/etc/nova/nova.conf:2:19: [DEFAULT] report_interval = '0': must be at least 1",
      "/etc/nova/nova.conf:4:13: [libvirt] virt_type = 'xen': must be one of kvm, qemu",
    ],
  )
})

test('only the value in force must be right', () => {
  const sources = memorySources({ '/a': '[DEFAULT]\nreport_interval = ten\n', '/b': '[DEFAULT]\nreport_interval = 5\n' })
  assert.equal(parse(sources, ['--config-file=/a', '--config-file=/b']).section(main).report_interval, 5)
})

test('files that are missing, not readable or not text are all named', () => {
  const sources: ConfigSources = {
    ...memorySources({ '/broken': 'x\n' }),
    readFile(path) {
      if (path === '/latin') return Buffer.from([0x5b, 0xe9, 0x5d])
      throw Object.assign(new Error(), { code: path === '/secret' ? 'EACCES' : path === '/folder' ? 'EISDIR' : 'ENOENT' })
    },
  }
  const paths = ['/missing', '/secret', '/folder', '/latin']
  assert.equal(
    errorOf(() => parse(sources, [...paths.map((path) => `--config-file=${path}`), '--config-dir=/none'])).message,
    [
      'cannot read /missing: it does not exist',
      'cannot read /secret: permission denied',
      'cannot read /folder: it is a folder',
      'cannot read /latin: it is not text in UTF-8',
      'cannot read /none: it does not exist',
    ].join('\n'),
  )
})

test('substitutions that go round in a circle are refused once, with the circle', () => {
  const error = errorOf(() => parseText('[DEFAULT]\nstate_path = $instances_path/..\n'))
  assert.ok(error instanceof SubstitutionError)
  assert.equal(
    error.message,
    'default: [DEFAULT] instances_path: its substitutions go round in a circle: [DEFAULT] state_path -> [DEFAULT] instances_path -> [DEFAULT] state_path',
  )
})

test('a substitution of an option that does not exist is refused', () => {
  assert.equal(
    errorOf(() => parseText('[libvirt]\npassword = pa$word\n')).message,
    '/etc/nova/nova.conf:2:12: [libvirt] password: $word names no option; a dollar sign itself is written $$',
  )
})

test('a substitution may refer to an option that only the catalogue knows, and to a former name', () => {
  const text = '[DEFAULT]\nmy_ip = 10.0.0.1\nhost = $my_ip\n[libvirt]\ncpu_model = qemu64\nlive_migration_uri = $cpu_model@$DEFAULT.my_ip\n'
  const config = parseText(text, { catalogue: zedCatalogue })
  assert.equal(config.section(main).host, '10.0.0.1')
  assert.equal(config.section(libvirt).live_migration_uri, 'qemu64@10.0.0.1')
})

test('a former name works with one warning, under both spellings of its hyphens', () => {
  const config = parseText('[libvirt]\ncpu_model = a\ncpu_model = b\n[DEFAULT]\ncpu_model = c\n')
  assert.deepEqual(config.section(libvirt).cpu_models, ['b'])
  assert.deepEqual(config.warnings, [
    '/etc/nova/nova.conf:3:13: [libvirt] cpu_model is deprecated, it is called [libvirt] cpu_models now',
    '/etc/nova/nova.conf:5:13: [DEFAULT] cpu_model is deprecated, it is called [libvirt] cpu_models now',
  ])
})

test('an option that will be removed has a warning if it is set', () => {
  assert.deepEqual(parseText('').warnings, [])
  assert.deepEqual(parseText('[libvirt]\nlive_migration_uri = x\n').warnings, [
    '[libvirt] live_migration_uri is deprecated and will be removed in a later release: use another one.',
  ])
})

test('options of the catalogue that nobody declares are checked, and named in one warning', () => {
  const text = '[DEFAULT]\nosapi_max_limit = 5\n[placement]\nregion_name = x\n'
  const config = parseText(text, { catalogue: zedCatalogue })
  assert.deepEqual(
    config.unimplemented.map(({ group, name }) => [group, name]),
    [
      ['api', 'max_limit'],
      ['placement', 'region_name'],
    ],
  )
  assert.deepEqual(config.warnings, ['these options are set and not implemented yet: [api] max_limit, [placement] region_name'])
  assert.equal(
    errorOf(() => parseText('[vnc]\nnovncproxy_port = x\n', { catalogue: zedCatalogue })).message,
    "/etc/nova/nova.conf:2:19: [vnc] novncproxy_port = 'x': not an integer",
  )
})

test('an option of the catalogue may come from the environment or the command line', () => {
  const sources = memorySources({}, { OS_VNC__ENABLED: 'no', OS_AUTH_URL: 'x', OS_CINDERX__Y: 'z' })
  const config = parse(sources, ['--use-journal'], { catalogue: zedCatalogue })
  assert.deepEqual(
    config.unimplemented.map(({ group, name }) => `${group}.${name}`),
    ['DEFAULT.use_journal', 'vnc.enabled'],
  )
  assert.deepEqual(config.unknown, [])
})

test('names that no one knows are named in one warning, with what was probably meant', () => {
  const config = parseText(
    '[DEFAULT]\nstate_pth = /x\nuse_neutron = true\nvirt_type = kvm\n[default]\ndebug = true\n[libvirtd]\nfoo = 1\n',
    { catalogue: zedCatalogue },
  )
  assert.deepEqual(
    config.unknown.map(({ group, name, suggestion }) => [group, name, suggestion]),
    [
      ['DEFAULT', 'state_pth', '[DEFAULT] state_path'],
      ['DEFAULT', 'use_neutron', undefined],
      ['DEFAULT', 'virt_type', '[libvirt] virt_type'],
      ['default', 'debug', '[DEFAULT] debug'],
      ['libvirtd', 'foo', undefined],
    ],
  )
  assert.deepEqual(config.warnings, [
    'these options do not exist: [DEFAULT] state_pth (/etc/nova/nova.conf:2:13, did you mean [DEFAULT] state_path?), ' +
      '[DEFAULT] use_neutron (/etc/nova/nova.conf:3:15), [DEFAULT] virt_type (/etc/nova/nova.conf:4:13, did you mean [libvirt] virt_type?), ' +
      '[default] debug (/etc/nova/nova.conf:6:9, did you mean [DEFAULT] debug?), [libvirtd] foo (/etc/nova/nova.conf:8:7)',
  ])
})

test('groups that exist because another option says so are known', () => {
  const text = [
    '[neutron]\nauth_section = keystone_auth\n[keystone_auth]\npassword = p\nuser_domain_name = Default\ntimeout = 5',
    '[keystone_authtoken]\nusername = nova\npassword = p\napplication_credential_id = x\nproject_name = service',
    '[mdev_nvidia-35]\ndevice_addresses = 0000:84:00.0\nmdev_class = CUSTOM_X\n[vgpu_nvidia-36]\ndevice_addresses = x',
    '[DEFAULT]\nconfig_source = remote\n',
  ].join('\n')
  const config = parseText(text, { catalogue: zedCatalogue })
  assert.deepEqual(config.unknown, [])
  assert.equal(config.unimplemented.length, 12)
  assert.match(errorOf(() => parseText('[mdev_a]\nmdev_class = X\n', { catalogue: zedCatalogue })).message, /does not match/)
})

test('an option that another program reads is not reported', () => {
  const more = { catalogue: zedCatalogue, readElsewhere: { database: ['connection'] } }
  const config = parseText('[database]\nconnection = sqlite://\nuse_tpool = true\n', more)
  assert.deepEqual(
    config.unimplemented.map(({ name }) => name),
    ['use_tpool'],
  )
})

test('a file that sets declared options alone costs no look at the catalogue', () => {
  const catalogue = { ...zedCatalogue, groups: () => assert.fail() }
  parse(memorySources({ [nova]: '[DEFAULT]\ndebug = true\n' }, { PATH: '/bin', OS_AUTH_URL: 'http://k' }), ['-d'], { catalogue })
})

test('the same option may be declared by two packages, and not differently', () => {
  const again = defineOptions('DEFAULT', {
    debug: opt.boolean({ default: false, mutable: true, cli: { short: 'd' }, help: 'Other words.' }),
  })
  assert.equal(parseText('[DEFAULT]\ndebug = on\n', { groups: [main, libvirt, again] }).section(again).debug, true)
  const other = defineOptions('DEFAULT', { debug: opt.boolean({ default: true }) })
  assert.throws(() => parseText('', { groups: [main, other] }), new DeclarationError('[DEFAULT] debug is declared twice and differently'))
})

test('a section that was not declared is refused', () => {
  const other = defineOptions('spice', { enabled: opt.boolean({ default: false }) })
  assert.throws(() => parseText('').section(other), new DeclarationError('[spice] enabled was not among the options given to the parse'))
})

test('--help and --version read no file', () => {
  const sources: ConfigSources = { ...memorySources({ [nova]: 'broken' }), readFile: () => assert.fail() }
  assert.equal(parseConfig(['--help'], { program: 'nova-compute', groups: [main], sources }).kind, 'help')
  assert.deepEqual(parseConfig(['--version'], { program: 'nova-compute', groups: [main], sources }), { kind: 'version' })
})

test('a dump shows every option in order, with secrets masked', () => {
  const config = parseText('[DEFAULT]\ntransport_url = rabbit://nova:hunter2@mq\nfilters = a\nfilters = b\n[libvirt]\npassword = pw\n')
  const lines = dumpConfig(config)
  assert.ok(!lines.join('\n').includes('hunter2'))
  assert.deepEqual(lines.slice(1, -1), [
    'config files: /etc/nova/nova.conf',
    '='.repeat(80),
    'debug                          = False',
    'filters                        = a,b',
    'host                           = <None>',
    'instances_path                 = /var/lib/nova/instances',
    'report_interval                = 10',
    'state_path                     = /var/lib/nova',
    'transport_url                  = ****',
    'libvirt.cpu_models             = ',
    'libvirt.live_migration_uri     = <None>',
    'libvirt.password               = ****',
    'libvirt.virt_type              = kvm',
  ])
})
