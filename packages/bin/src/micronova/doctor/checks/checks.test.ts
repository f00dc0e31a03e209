import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '@micronova/testing'
import type { Check } from '../check.js'
import { judgeBrokers } from './broker.js'
import { judgeConfiguration } from './configuration.js'
import { judgeDatabase } from './database.js'
import { findProgram } from './find-program.js'
import { type FolderFacts, folder, judgeFolder } from './folder.js'
import { hypervisor } from './hypervisor.js'
import { judgeNodeVersion } from './node-version.js'
import { judgeOpenFiles, openFiles } from './open-files.js'
import { judgeHelper, privilegedHelper } from './privileged-helper.js'
import { judgePrograms } from './programs.js'
import { judgeRefusal } from './rest-service.js'
import { stateFolder } from './state-folder.js'

const forever = new AbortController().signal
const run = (check: Check) => check.run(forever)

test('Node.js 20 and later will do', () => {
  assert.equal(judgeNodeVersion('18.20.4').status, 'failed')
  assert.equal(judgeNodeVersion('20.0.0').status, 'ok')
  assert.equal(judgeNodeVersion('100.1.0').status, 'ok')
})

test('a low limit of open files is a warning', async () => {
  const limits = (soft: string) =>
    `Limit  Soft Limit  Hard Limit  Units\nMax open files            ${soft}                1048576              files\n`
  assert.equal(judgeOpenFiles(limits('256')).status, 'warning')
  assert.equal(judgeOpenFiles(limits('1024')).status, 'ok')
  assert.equal(judgeOpenFiles(limits('unlimited')).status, 'ok')
  assert.equal(judgeOpenFiles('').status, 'skipped')
  assert.equal((await run(openFiles('/nonexistent'))).status, 'skipped')
})

test('errors of the configuration fail, warnings and options without effect warn', () => {
  const none = { files: ['/f'], problems: [], unimplemented: [] }
  const problem = {
    kind: 'value',
    location: { kind: 'file', file: '/f', line: 3, column: 1 },
    group: null,
    option: null,
    message: 'wrong',
  } as const
  assert.equal(judgeConfiguration(none).status, 'ok')
  assert.deepEqual(
    judgeConfiguration({
      ...none,
      problems: [
        { ...problem, severity: 'error' },
        { ...problem, severity: 'warning' },
      ],
    }),
    {
      status: 'failed',
      found: '/f:3: wrong, and 1 more',
      mend: 'micronova config check names each with its file and line',
    },
  )
  assert.equal(judgeConfiguration({ ...none, problems: [{ ...problem, severity: 'warning' }] }).status, 'warning')
  const unimplemented = [{ group: 'libvirt', name: 'virt_type', location: problem.location }]
  assert.equal(judgeConfiguration({ ...none, unimplemented }).status, 'warning')
})

const gib = 1024 ** 3
const there: FolderFacts = { path: '/s', state: 'there', parent: '/s', refusal: null, freeBytes: 5 * gib, hasFreeFiles: true }

test('a folder is judged by its rights, then by its room', () => {
  const of = (facts: Partial<FolderFacts>, isMade = true) => judgeFolder({ ...there, ...facts }, { isMade }).status
  assert.equal(of({}), 'ok')
  assert.equal(of({ freeBytes: gib / 2 }), 'warning')
  assert.equal(of({ freeBytes: 1024 }), 'failed')
  assert.equal(of({ hasFreeFiles: false }), 'failed')
  assert.equal(of({ refusal: 'EROFS' }), 'failed')
  assert.equal(of({ state: 'missing', parent: '/' }), 'ok')
  assert.equal(of({ state: 'missing', parent: '/' }, false), 'failed')
  assert.equal(of({ state: 'no_folder', parent: '/s/file' }), 'failed')
})

test('a real folder is tried and left as it was', async (t) => {
  const path = temporaryFolder(t)
  writeFileSync(join(path, 'file'), '')
  assert.notEqual((await run(folder('state_path', path, { isMade: true }))).status, 'failed')
  assert.match((await run(folder('state_path', join(path, 'a', 'b'), { isMade: true }))).found, /a\/b can be made/)
  assert.deepEqual(readdirSync(path), ['file'])
  assert.match((await run(folder('state_path', join(path, 'file', 'x'), { isMade: true }))).found, /file is no folder/)
})

test('a folder in which not even root can write has failed', async () => {
  const finding = await run(folder('log_dir', '/proc/sys', { isMade: false }))
  assert.equal(finding.status, 'failed')
  assert.match(finding.found, /^\/proc\/sys cannot be written to/)
})

test('a state folder that others may enter has failed', async (t) => {
  const path = join(temporaryFolder(t), 'state')
  mkdirSync(path, { mode: 0o700 })
  assert.notEqual((await run(stateFolder(path))).status, 'failed')
  chmodSync(path, 0o755)
  const finding = await run(stateFolder(path))
  assert.deepEqual(finding, { status: 'failed', found: `${path} is open to others`, mend: `chmod 700 ${path}` })
})

test('of several brokers one that works is enough, and each that does not is named', () => {
  const probe = { address: 'a:5672', username: 'nova', message: 'said so' }
  const of = (...outcomes: Parameters<typeof judgeBrokers>[0][number]['outcome'][]) =>
    judgeBrokers(
      outcomes.map((outcome) => ({ ...probe, outcome })),
      { virtualHost: '/' },
    )
  assert.equal(of('ok', 'ok').status, 'ok')
  assert.equal(of('ok', 'unreachable').status, 'warning')
  assert.equal(of('silent', 'unreachable').status, 'failed')
  const mends = (['unreachable', 'silent', 'login_refused', 'virtual_host_refused', 'not_permitted', 'mismatch', 'failed'] as const).map(
    (outcome) => {
      const finding = of(outcome)
      assert.ok('mend' in finding)
      return finding.mend
    },
  )
  assert.equal(new Set(mends).size, mends.length)
})

test('a schema must be at the revision of Zed, and the clocks together', () => {
  const sound = { revision: 'r', headRevision: 'r', isEmpty: false, clockAheadMs: 100 }
  const of = (changes: Partial<Parameters<typeof judgeDatabase>[0]>) =>
    judgeDatabase({ ...sound, ...changes }, { name: 'api_database', display: 'mysql://h/nova', serviceDownTime: 60 })
  assert.equal(of({}).status, 'ok')
  assert.equal(of({ clockAheadMs: null }).status, 'ok')
  assert.equal(of({ revision: null, isEmpty: true }).status, 'ok')
  assert.equal(of({ revision: null }).status, 'failed')
  assert.match(JSON.stringify(of({ revision: 'old' })), /at schema revision old, not r.*nova-manage api_db sync/)
  assert.match(JSON.stringify(of({ clockAheadMs: -8000 })), /"warning".*8 s behind this host/)
  assert.match(JSON.stringify(of({ clockAheadMs: 61_000 })), /"failed".*61 s ahead of this host/)
})

test('a service that waits for Keystone says so, and Keystone itself names its section', () => {
  const refusal = { code: 'unreachable', service: 'identity', message: 'no answer' } as const
  assert.match(JSON.stringify(judgeRefusal(refusal, { service: 'placement', section: 'placement' })), /mend keystone first/)
  assert.match(JSON.stringify(judgeRefusal(refusal, { service: 'keystone', section: 'neutron' })), /auth_url in \[neutron\]/)
})

test('a helper must have the capabilities of its functions', () => {
  const facts = { pid: 1, uid: 0, gid: 0, effective: ['CAP_NET_ADMIN'], permitted: [], inheritable: [] }
  assert.equal(judgeHelper(facts, ['CAP_NET_ADMIN'], 'x').status, 'ok')
  assert.match(judgeHelper({ ...facts, effective: [] }, ['CAP_NET_ADMIN'], 'x').found, /with no capability and without CAP_NET_ADMIN/)
  assert.equal(judgeHelper(null, [], 'x').status, 'failed')
})

test('a helper that cannot be started has failed, and is stopped all the same', async () => {
  let stops = 0
  const helper = {
    start: () => Promise.reject(new Error('sudo: a password is required')),
    stop: async () => {
      stops += 1
    },
  }
  const finding = await run(privilegedHelper('vif_plug_ovs_privileged', helper, []))
  assert.equal(finding.found, 'sudo: a password is required')
  assert.equal(finding.status, 'failed')
  assert.equal(stops, 1)
})

test('programs that are missing are a warning that says what each is for', () => {
  assert.equal(judgePrograms(() => '/bin/it').status, 'ok')
  const finding = judgePrograms((name) => (name === 'ip' ? '/sbin/ip' : null))
  assert.deepEqual(finding.status, 'warning')
  assert.match(finding.found, /^not installed: ovs-vsctl, iptables$/)
})

test('a program is a file that may be executed, in the first folder that has it', (t) => {
  const [one, two] = [temporaryFolder(t), temporaryFolder(t)]
  mkdirSync(join(one, 'ip'))
  writeFileSync(join(two, 'ip'), '', { mode: 0o755 })
  writeFileSync(join(two, 'text'), '', { mode: 0o644 })
  assert.equal(findProgram('ip', `${one}:${two}`), join(two, 'ip'))
  assert.equal(findProgram('text', `${one}:${two}`), null)
})

test('the fake driver needs no hypervisor, and a driver that there is not has failed', async () => {
  assert.match((await run(hypervisor('fake.FakeDriver', ''))).found, /needs none; here: \/dev\/kvm .*, no qemu/)
  assert.equal((await run(hypervisor('nonesuch.Driver', ''))).status, 'failed')
  assert.equal((await run(hypervisor(null, ''))).status, 'failed')
})
