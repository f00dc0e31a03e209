import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConfigEntry, memorySources, parseConfig } from '@micronova/config'
import { configOptions } from '../../parse-args.js'
import { checkServiceConfig, configToJson, describeConfig, isWrong } from './check.js'
import { sampleConfig } from './sample.js'
import { groupsOf, type ServiceChoice, serviceNames } from './services.js'

const choices: readonly ServiceChoice[] = [...serviceNames, 'all']

/** As the services would read it; `everything` declares what Nova has besides. */
function read(text: string, service: ServiceChoice, everything = false) {
  const options = configOptions({
    program: 'micronova',
    groups: groupsOf(service),
    environment: {},
    sources: memorySources({ '/f': text }),
  })
  const { catalogue } = options
  const known = new Set(options.groups.flatMap(({ group, options }) => Object.keys(options).map((name) => `${group}.${name}`)))
  const others = (everything ? (catalogue?.groups() ?? []) : []).map(({ group, options }) => ({
    group,
    options: Object.fromEntries(Object.entries(options).filter(([name]) => !known.has(`${group}.${name}`))),
  }))
  const outcome = parseConfig(['--config-file', '/f'], { ...options, groups: [...options.groups, ...others] })
  assert.ok(outcome.kind === 'config')
  return outcome.config
}

const valuesOf = (entries: readonly ConfigEntry[]) =>
  Object.fromEntries(entries.map(({ group, name, value }) => [`[${group}] ${name}`, value]))
const uncommented = (text: string) => text.replaceAll(/^#(?=\w)/gm, '')

for (const service of choices) {
  test(`the sample of ${service} sets nothing, and with every line uncommented everything to its default`, () => {
    const text = sampleConfig(service, { all: false })
    assert.deepEqual(read(text, service).warnings, [])
    const config = read(uncommented(text), service)
    const set = config.entries().filter(({ location }) => location.kind === 'file')
    assert.ok(set.length > 100)
    assert.deepEqual(config.unknown, [])
    assert.deepEqual(config.unimplemented, [])
    assert.deepEqual(valuesOf(config.entries()), valuesOf(read('', service).entries()))
  })
}

test('the sample of all has every option of Zed, and uncommented it changes none', () => {
  const text = sampleConfig('all', { all: true })
  const names = [...text.matchAll(/^# ?(\w+) =/gm)].length
  assert.ok(names >= 1076, String(names))
  const config = read(uncommented(text), 'all', true)
  assert.deepEqual(config.unknown, [])
  assert.deepEqual(valuesOf(config.entries()), valuesOf(read('', 'all', true).entries()))
  assert.match(text, /Not implemented: it has no effect\. \(string value\)\n(# .*\n)*#virt_type = kvm/)
})

test('a sample of one service has its options and not those of another', () => {
  assert.match(sampleConfig('nova-compute', { all: false }), /^# compute_driver = <None>$/m)
  assert.doesNotMatch(sampleConfig('nova-scheduler', { all: false }), /compute_driver/)
})

const check = (service: ServiceChoice, text: string) =>
  checkServiceConfig({ service, configFile: ['/f'] }, { environment: {}, sources: memorySources({ '/f': text }) })

test('what each service would refuse is found beside wrong values, with file and line', () => {
  const text = `[DEFAULT]
transport_url = rabbit://nova:secret@host:123456/
compute_driver = libvirt.Nonesuch
report_interval = x
[conductor]
workers = 0
[placement]
auth_type = password
`
  const of = (service: ServiceChoice) =>
    describeConfig(check(service, text))
      .split('\n')
      .filter((line) => line.includes('error:'))
  const url = '/f:2:17: error: transport_url: the port of host 1 (host) is not a number from 1 to 65535'
  const value = "/f:4:19: error: [DEFAULT] report_interval = 'x': not an integer"
  const placement = 'error: [placement] auth_url is needed with auth_type password'
  assert.deepEqual(of('nova-compute'), [
    value,
    url,
    placement,
    ...of('nova-compute').filter((line) => line.startsWith('/f:3:18: error: compute_driver libvirt.Nonesuch is none')),
  ])
  assert.deepEqual(of('nova-conductor'), [
    value,
    url,
    placement,
    'error: the option connection of the group database is required and not set',
    '/f:6:11: error: the number of workers must be positive, not 0',
  ])
  assert.deepEqual(of('nova-scheduler').slice(2), ['error: the option connection of the group database is required and not set', placement])
})

test('a file for all services need not have what one of them requires', () => {
  assert.deepEqual(check('all', '').problems, [])
  assert.equal(isWrong(check('all', ''), true), false)
  const { problems } = check('all', '[database]\nconnection = oracle://x\n')
  assert.deepEqual(
    problems.map(({ severity, group, option }) => [severity, group, option]),
    [['error', 'database', 'connection']],
  )
})

test('warnings and options without effect count with --strict alone', () => {
  for (const text of ['[DEFAULT]\nreport_intervall = 3\n', '[libvirt]\nvirt_type = kvm\n', '[DEFAULT]\ntransport_url = memory://\n']) {
    const checked = check('nova-compute', `${text}[DEFAULT]\ncompute_driver = fake.FakeDriver\n`)
    assert.equal(isWrong(checked, false), false, text)
    assert.equal(isWrong(checked, true), true, text)
  }
})

test('secrets stand neither in the text nor in the JSON', () => {
  const checked = check(
    'all',
    '[DEFAULT]\ntransport_url = rabbit://nova:geheim@host:x/\n[database]\nconnection = mysql://nova:geheim@host:x/nova\n',
  )
  assert.equal(checked.problems.length, 2)
  assert.doesNotMatch(describeConfig(checked) + configToJson(checked), /geheim/)
})

test('the JSON has a file and a line for each problem, and the options without effect', () => {
  const { problems, unimplemented, files } = JSON.parse(
    configToJson(check('all', '[DEFAULT]\nreport_interval = x\n[libvirt]\nvirt_type = kvm\n')),
  )
  assert.deepEqual(files, ['/f'])
  assert.deepEqual(problems, [
    {
      severity: 'error',
      kind: 'value',
      group: 'DEFAULT',
      option: 'report_interval',
      message: "[DEFAULT] report_interval = 'x': not an integer",
      place: '/f:2:19',
      file: '/f',
      line: 2,
      column: 19,
    },
  ])
  assert.deepEqual(unimplemented, [{ group: 'libvirt', option: 'virt_type', place: '/f:4:13', file: '/f', line: 4, column: 13 }])
})

test('a file that cannot be read is the only problem told: what it says is not known', () => {
  const sources = memorySources({})
  const checked = checkServiceConfig({ service: 'nova-scheduler', configFile: ['/missing'] }, { environment: {}, sources })
  assert.deepEqual(
    checked.problems.map(({ message }) => message),
    ['cannot read /missing: it does not exist'],
  )
})
