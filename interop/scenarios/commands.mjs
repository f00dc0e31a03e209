// Our commands of an operator, on the databases and the services of the cloud, and Python's beside them.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { scenario } from '../scenario.mjs'

const bin = fileURLToPath(new URL('../../bin/', import.meta.url))
/** Python's are in the same place as on any Debian; a PATH may have others before it. */
const kinds = { ours: bin, python: '/usr/bin/' }

/** @returns {Promise<{ status: number, stdout: string, stderr: string }>} */
function execute(program, args) {
  return new Promise((resolve) => {
    execFile(program, args, (error, stdout, stderr) => resolve({ status: error === null ? 0 : error.code, stdout, stderr }))
  })
}

const configOf = (cloud) => ['--config-file', join(cloud.settings.stateDir, 'etc/nova/nova.conf')]
/** Python's would log to standard output. */
const logOf = (cloud) => ['--log-file', join(cloud.settings.stateDir, 'log/commands.log')]

/** What both kinds of a program say, which must be the same. */
async function bothSay(cloud, program, ...command) {
  const [ours, pythons] = await Promise.all(
    [kinds.ours, kinds.python].map((folder) => execute(folder + program, [...configOf(cloud), ...logOf(cloud), ...command])),
  )
  assert.equal(ours.stdout, pythons.stdout, `${program} ${command.join(' ')}: ${ours.stderr}`)
  assert.equal(ours.status, pythons.status, `${program} ${command.join(' ')}: ${ours.stderr}`)
  return ours
}

export const manage = scenario({
  name: "nova-manage beside Python's",
  expects: 'versions of the schemas, cells, hosts, the cell of a server, and what is wrong in Placement are told in the same words',
  methods: [],
  configurations: ['python', 'ours'],
  alone: true, // what is in Placement must be the same for both
  async run({ cloud, servers, home }) {
    const { id } = await servers.boot({ networks: 'none' })
    for (const command of [
      ['db', 'version'],
      ['api_db', 'version'],
      ['cell_v2', 'list_cells'],
      ['cell_v2', 'list_hosts'],
      ['cell_v2', 'verify_instance', '--uuid', id],
      ['db', 'online_data_migrations'],
      ['placement', 'sync_aggregates'],
      ['placement', 'audit', '--verbose'],
    ])
      await bothSay(cloud, 'nova-manage', ...command)
    const { stdout } = await execute(`${kinds.ours}nova-manage`, [...configOf(cloud), 'service', 'list'])
    assert.match(stdout, new RegExp(`nova-compute +\\| +${home} +\\|`))
  },
})

export const status = scenario({
  name: "nova-status beside Python's",
  expects: 'the same table and the same status',
  methods: [],
  configurations: ['python', 'ours'],
  alone: true, // a server of the fake driver has no machine type, of which each warns in its own words
  async run({ cloud }) {
    const { stdout } = await bothSay(cloud, 'nova-status', 'upgrade', 'check')
    assert.match(stdout, /Check: Placement API +\|\n\| Result: Success/)
  },
})

export const doctor = scenario({
  name: 'micronova doctor',
  expects: 'nothing has failed: broker, databases, conductor, Keystone and its services answer as configured',
  methods: [],
  configurations: ['python', 'ours'],
  async run({ cloud }) {
    const { stdout, stderr, status: ended } = await execute(`${kinds.ours}micronova`, ['doctor', ...configOf(cloud), '--json'])
    const { checks } = JSON.parse(stdout)
    const failed = checks.filter((check) => check.status === 'failed')
    assert.deepEqual([failed, ended], [[], 0], stderr)
    for (const name of ['transport_url', 'database', 'api_database', 'conductor', 'placement', 'neutron', 'glance', 'cinder'])
      assert.equal(checks.find((check) => check.name === name)?.status, 'ok', `${name}: ${stdout}`)
  },
})
