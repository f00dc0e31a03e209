// Zed's own nova-status beside ours, on the same databases and the same nova.conf.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createApiStores, type Database, migrate, migrateApi, openDatabase } from '@micronova/db'
import { adminContext, CellMapping } from '@micronova/model'
import { needs, temporaryFolder } from '@micronova/testing'
import { sql } from 'kysely'
import { type NamedResult, renderTable } from '../../src/nova-status/render-results.js'
import { run } from '../cli/run.js'
import { Cleanups } from '../e2e/support/cleanups.js'
import { createDatabase, systemDeps } from '../e2e/support/services.js'

const mariadb = await needs('mariadb')
/** As Debian installs them. */
const [python, theirs] = ['/usr/bin/python3', '/usr/bin/nova-status']
const skip = mariadb.skip || (await lacksNova())

async function lacksNova(): Promise<string | false> {
  const why = !existsSync(theirs)
    ? `${theirs} is not installed`
    : (await execute(python, ['-c', 'import nova, pymysql, oslo_upgradecheck'])).status !== 0 &&
      'pymysql or oslo.upgradecheck is not installed'
  if (why && (process.env.MICRONOVA_REQUIRE ?? '').split(',').includes('nova-status')) throw new Error(`nova-status is required: ${why}`)
  return why
}

function execute(program: string, args: readonly string[], input = ''): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(program, args, (err, stdout, stderr) => {
      resolve({ status: err === null ? 0 : Number(err.code), stdout, stderr })
    })
    child.stdin?.end(input)
  })
}

interface Deployment {
  readonly cell: Database
  readonly api: Database
  readonly urls: { readonly cell: string; readonly api: string }
  readonly folder: string
}

async function deployment(t: TestContext): Promise<Deployment> {
  const cleanups = new Cleanups(t)
  const urls = { cell: await createDatabase(cleanups), api: await createDatabase(cleanups) }
  const [cell, api] = await Promise.all([openDatabase(urls.cell, systemDeps), openDatabase(urls.api, systemDeps)])
  cleanups.after(() => Promise.all([cell.close(), api.close()]).then(() => {}))
  await Promise.all([migrate(cell), migrateApi(api)])
  return { cell, api, urls, folder: temporaryFolder(cleanups) }
}

/** cell0 and a first cell; `cell0` has no database of its own, as nothing is asked of it that a cell would not answer too. */
async function mapCells({ api, urls }: Deployment, ...uuids: readonly string[]): Promise<void> {
  const { cellMappings } = createApiStores(api, systemDeps)
  for (const uuid of uuids) {
    const cell = new CellMapping({ uuid, name: `cell ${uuid.slice(-1)}`, transport_url: 'none:///', database_connection: urls.cell })
    await cellMappings.create(adminContext(systemDeps), cell)
  }
}

const cell0 = '00000000-0000-0000-0000-000000000000'
const cell1 = '11111111-1111-1111-1111-111111111111'

async function addHost({ cell, api }: Deployment, version: number): Promise<void> {
  await sql`insert into host_mappings (cell_id, host) select max(id), 'compute1' from cell_mappings`.execute(api.kysely)
  await sql`insert into services (host, \`binary\`, topic, report_count, version, deleted, disabled, forced_down)
    values ('compute1', 'nova-compute', 'compute', 1, ${version}, 0, 0, 0)`.execute(cell.kysely)
}

async function addInstance({ cell }: Deployment, uuid: string, vmState: string, machineType: string | null): Promise<void> {
  await sql`insert into instances (uuid, project_id, user_id, vm_state, deleted, hidden) values (${uuid}, 'p', 'u', ${vmState}, 0, 0)`.execute(
    cell.kysely,
  )
  if (machineType !== null)
    await sql`insert into instance_system_metadata (instance_uuid, \`key\`, value, deleted)
      values (${uuid}, 'image_hw_machine_type', ${machineType}, 0)`.execute(cell.kysely)
}

async function both(t: TestContext, { urls, folder }: Deployment, more = '') {
  const file = join(folder, 'nova.conf')
  writeFileSync(
    file,
    `[DEFAULT]\nstate_path = ${folder}\n[api_database]\nconnection = ${urls.api}\n[database]\nconnection = ${urls.cell}\n${more}`,
  )
  const args = ['--config-file', file, 'upgrade', 'check']
  const [their, our, json] = await Promise.all([
    execute(theirs, args),
    run(t, 'nova-status', args),
    run(t, 'nova-status', [...args, '--json']),
  ])
  assert.equal(our.stderr, '')
  assert.match(their.stdout, /^\+-/, their.stdout + their.stderr)
  assert.equal(our.status, their.status)
  assert.deepEqual(verdicts(our.stdout), verdicts(their.stdout))
  assert.equal(json.status, our.status)
  const { checks } = JSON.parse(json.stdout) as { checks: { check: string; result: number }[] }
  assert.deepEqual(
    checks.map(({ check, result }) => [check, ['Success', 'Warning', 'Failure'][result]]),
    verdicts(our.stdout),
  )
  return { status: our.status, theirs: their.stdout, ours: our.stdout, found: Object.fromEntries(verdicts(our.stdout)) }
}

function verdicts(table: string): string[][] {
  return [...table.matchAll(/\| Check: (.+?) +\|\n\| Result: (\w+) +\|/g)].map(([, check = '', result = '']) => [check, result])
}

test('in an empty deployment both report the same, and end with 2', { skip }, async (t) => {
  const { status, found } = await both(t, await deployment(t))
  assert.equal(status, 2)
  assert.equal(found['Cells v2'], 'Failure')
  assert.equal(found['Placement API'], 'Failure')
  assert.equal(found['Service User Token Configuration'], 'Failure')
})

test('old computes, a policy in JSON, a Keystone that is away and an instance without machine type are found by both', {
  skip,
}, async (t) => {
  const there = await deployment(t)
  await mapCells(there, cell0, cell1)
  await addHost(there, 60)
  await addInstance(there, '00000000-0000-4000-8000-000000000001', 'active', null)
  await addInstance(there, '00000000-0000-4000-8000-000000000002', 'active', 'pc')
  await addInstance(there, '00000000-0000-4000-8000-000000000003', 'building', null)
  writeFileSync(join(there.folder, 'policy.yaml'), '{"os_compute_api:servers:index": ""}')
  const { found } = await both(
    t,
    there,
    `${credentials('placement', 'http://127.0.0.1:9')}\n${credentials('cinder', 'http://127.0.0.1:9')}`,
  )
  assert.deepEqual(found, {
    'Cells v2': 'Success',
    'Placement API': 'Failure',
    'Cinder API': 'Warning',
    'Policy File JSON to YAML Migration': 'Failure',
    'Older than N-1 computes': 'Failure',
    'hw_machine_type unset': 'Warning',
    'Service User Token Configuration': 'Failure',
  })
})

test('cells without cell0, and a Placement that is too old, are failures for both', { skip }, async (t) => {
  const there = await deployment(t)
  await mapCells(there, cell1, '22222222-2222-2222-2222-222222222222')
  const url = await cloud(t, { placement: '1.35', cinder: '3.43' })
  const { found } = await both(t, there, `${credentials('placement', url)}\n${credentials('cinder', url)}`)
  assert.equal(found['Cells v2'], 'Failure')
  assert.equal(found['Placement API'], 'Failure')
  assert.equal(found['Cinder API'], 'Failure')
})

test('where all is well both print the same text, and end with 0', { skip }, async (t) => {
  const there = await deployment(t)
  await mapCells(there, cell0, cell1)
  await addHost(there, 61)
  await addInstance(there, '00000000-0000-4000-8000-000000000001', 'active', 'q35')
  const url = await cloud(t, { placement: '1.39', cinder: '3.70' })
  const serviceUser = `${credentials('service_user', url)}\nsend_service_user_token = true`
  const sections = [credentials('placement', url), credentials('cinder', url), serviceUser]
  const { status, ours, theirs: text } = await both(t, there, sections.join('\n'))
  assert.equal(status, 0, ours)
  assert.equal(ours, text)
})

test('details are wrapped and framed as the table of oslo.upgradecheck has them', { skip }, async () => {
  const details = [
    null,
    'Short.',
    "There are 2 compute nodes and no host is mapped to a cell: run 'nova-manage cell_v2 simple_cell_setup', then this check again.",
    `See https://docs.example.org/${'a-long-path/'.repeat(12)} and what is behind it`,
    '  two blanks first, a well-known-compound-word-that-is-broken-at-hyphens--and a dash',
  ]
  const results: NamedResult[] = details.map((text, index) => ({ name: `Check ${index}`, result: 1, details: text }))
  const script = `import json, sys
from oslo_upgradecheck import upgradecheck
class Commands(upgradecheck.UpgradeCommands):
    _upgrade_checks = tuple(
        (c['name'], (lambda self, d: upgradecheck.Result(upgradecheck.Code.WARNING, d), {'d': c['details']}))
        for c in json.load(sys.stdin))
Commands().check()`
  const { stdout, stderr } = await execute(python, ['-c', script], JSON.stringify(results))
  assert.equal(renderTable(results), stdout, stderr)
})

function credentials(section: string, url: string): string {
  const user = ['username = nova', 'password = x', 'project_name = service', 'user_domain_name = Default', 'project_domain_name = Default']
  return [`[${section}]`, 'auth_type = password', `auth_url = ${url}`, ...user].join('\n')
}

/** As much of Keystone, Placement and Cinder as the checks of both ask for. @returns the address of Keystone */
async function cloud(t: TestContext, versions: { readonly placement: string; readonly cinder: string }): Promise<string> {
  const server = createServer((request, response) => answer(request, response, versions))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  versions: { readonly placement: string; readonly cinder: string },
): void {
  const base = `http://${request.headers.host}`
  const send = (status: number, body: unknown, headers = {}) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  const version = (id: string, path: string, more = {}) => ({
    id,
    status: 'CURRENT',
    links: [{ rel: 'self', href: `${base}${path}` }],
    ...more,
  })
  const url = request.url?.replace(/\/+$/, '') ?? ''
  if (request.method === 'POST') {
    const endpoint = (type: string, path: string) => ({
      type,
      name: type,
      endpoints: ['public', 'internal'].map((name) => ({ interface: name, region: 'R', region_id: 'R', url: `${base}${path}` })),
    })
    const [issued, expires] = [0, 3_600_000].map((ms) => new Date(Date.now() + ms).toISOString())
    const token = {
      issued_at: issued,
      expires_at: expires,
      methods: ['password'],
      user: { id: 'u', name: 'nova', domain: { id: 'd', name: 'Default' } },
      project: { id: 'p', name: 'service', domain: { id: 'd', name: 'Default' } },
      catalog: [endpoint('placement', '/placement'), endpoint('volumev3', '/volume/v3/p')],
    }
    send(201, { token }, { 'x-subject-token': 'token' })
  } else if (url.startsWith('/placement'))
    send(200, { versions: [version('v1.0', '/placement', { min_version: '1.0', max_version: versions.placement })] })
  else if (url.startsWith('/volume'))
    send(url === '/volume' ? 300 : 200, { versions: [version('v3.0', '/volume/v3/', { min_version: '3.0', version: versions.cinder })] })
  else if (url === '/v3') send(200, { version: version('v3.14', '/v3/') })
  else send(300, { versions: { values: [version('v3.14', '/v3/')] } })
}
