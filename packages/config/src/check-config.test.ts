import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zedCatalogue } from './catalogue.js'
import { checkConfig } from './check-config.js'
import { defineOptions, opt } from './declare.js'
import { describeLocation } from './location.js'
import { memorySources } from './memory-sources.js'

const options = defineOptions('DEFAULT', {
  report_interval: opt.integer({ default: 10 }),
  password_x: opt.string({ secret: true, maxLength: 3 }),
  state_path: opt.string({ default: '/var/lib' }),
  renamed: opt.integer({ deprecatedNames: [{ name: 'former' }] }),
  leaving: opt.boolean({ default: false, deprecatedForRemoval: true, deprecatedReason: 'Nobody reads it.' }),
})

function check(
  files: Readonly<Record<string, string>>,
  argv = Object.keys(files).flatMap((file) => ['--config-file', file]),
  environment = {},
) {
  const sources = { ...memorySources(files), environment }
  const report = checkConfig(argv, { program: 'p', groups: [options], catalogue: zedCatalogue, sources })
  assert.ok(report !== null)
  return report
}

function lines({ problems }: ReturnType<typeof check>): string[] {
  return problems.map(
    ({ severity, location, message }) => `${severity} ${location === null ? '-' : describeLocation(location)}: ${message}`,
  )
}

test('all that is wrong is found at once, in the order of files and lines, whatever kind it is', () => {
  const report = check({
    '/a': 'stray = 1\n[DEFAULT]\nreport_interval = ten\nno sign\nstate_path = $nosuch\n',
    '/b': '[DEFAULT\npassword_x = secret\n[DEFAULT]\nformer = 1\nleaving = true\nreport_intervall = 3\n[libvirt]\nvirt_type = kvm\n',
  })
  assert.deepEqual(lines(report), [
    "error /a:1:1: 'stray' stands before the first section; [DEFAULT] is missing",
    "error /a:3:19: [DEFAULT] report_interval = 'ten': not an integer",
    "error /a:4:8: neither 'name = value' nor '[section]' nor a comment",
    'error /a:5:14: [DEFAULT] state_path: $nosuch names no option; a dollar sign itself is written $$',
    "error /b:1:9: a section's line must end with ']'",
    "error /b:2:14: [DEFAULT] password_x = '****': longer than 3 characters",
    'warning /a:1:9: [DEFAULT] stray is no option',
    'warning /b:4:10: [DEFAULT] former is deprecated, it is called [DEFAULT] renamed now',
    'warning /b:5:11: [DEFAULT] leaving is deprecated and will be removed in a later release: Nobody reads it.',
    'warning /b:6:20: [DEFAULT] report_intervall is no option; did you mean [DEFAULT] report_interval?',
  ])
  assert.deepEqual(report.files, ['/a', '/b'])
  assert.throws(() => report.config.section(options).report_interval, { code: 'value' })
  assert.equal(report.config.section(options).renamed, 1)
})

test('an option that is set without effect is told with its place', () => {
  const { unimplemented, problems } = check({ '/a': '[libvirt]\nvirt_type = kvm\n' })
  assert.deepEqual(unimplemented, [{ group: 'libvirt', name: 'virt_type', location: { kind: 'file', file: '/a', line: 2, column: 13 } }])
  assert.deepEqual(problems, [])
})

test('a file that is missing does not keep the others from being read', () => {
  const report = check({ '/b': '[DEFAULT]\nreport_interval = x\n' }, ['--config-file', '/a', '--config-file', '/b'])
  assert.deepEqual(lines(report), [
    "error /b:2:19: [DEFAULT] report_interval = 'x': not an integer",
    'error -: cannot read /a: it does not exist',
  ])
})

test('a wrong value of the environment is named by its variable', () => {
  const report = check({ '/a': '' }, ['--config-file', '/a'], { OS_DEFAULT__REPORT_INTERVAL: 'x' })
  assert.deepEqual(lines(report), ["error OS_DEFAULT__REPORT_INTERVAL in the environment: [DEFAULT] report_interval = 'x': not an integer"])
})

test('what is in order gives the configuration as a program would have it', () => {
  const { config, problems } = check({ '/a': '[DEFAULT]\nreport_interval = 5\n' })
  assert.deepEqual(problems, [])
  assert.equal(config.section(options).report_interval, 5)
})
