// npm run bench -- size: what a service needs of the machine, its broker and its database, by the number of its instances. The instances are
// built over RabbitMQ and MariaDB, which both must be there.
import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { createBoot } from '../packages/bin/dist/test/e2e/support/boots.js'
import { Cell } from '../packages/bin/dist/test/e2e/support/cell.js'
import { cpuMs, round, rssMb } from './_measure.mjs'

const HOST = 'compute1'
/** Requests in flight while the instances are made. */
const AT_ONCE = 20
const BUILD_TIMEOUT_MS = 600_000

/** @param {{ instances?: string }} options numbers of instances, ascending */
export async function run({ instances = '0,100,1000' }) {
  const cleanups = []
  try {
    const cell = await Cell.create({ after: (fn) => cleanups.push(fn) })
    const [conductor, compute] = [await cell.start('nova-conductor', { conductor: { workers: null } }), await cell.start('nova-compute')]
    const workers = childrenOf(conductor.pid)
    const plane = cell.controlPlane()
    const sizes = []
    let built = 0
    for (const count of instances.split(',').map(Number)) {
      const before = { compute: cpuMs(compute.pid), conductor: sum(workers.map(cpuMs)) }
      const begun = performance.now()
      const logged = logBytes(cell)
      await build(cell, plane, count - built, count)
      const added = count - built
      sizes.push({
        instances: count,
        compute_rss_mb: round(rssMb(compute.pid)),
        conductor_worker_rss_mb: round(Math.max(...workers.map(rssMb))),
        ...(added > 0 && {
          seconds: round((performance.now() - begun) / 1000),
          log_bytes_each: Math.round((logBytes(cell) - logged) / added),
          compute_cpu_ms_each: round((cpuMs(compute.pid) - before.compute) / added),
          conductor_cpu_ms_each: round((sum(workers.map(cpuMs)) - before.conductor) / added),
        }),
        journal_kib: round(statSync(join(cell.folder, 'state', 'journal', `${HOST}.jsonl`)).size / 1024),
      })
      built = count
    }
    return {
      workers: workers.length,
      conductor_supervisor_rss_mb: round(rssMb(conductor.pid)),
      broker: brokerOf(cell.brokerUrl, { compute: [compute.pid], conductor: [conductor.pid, ...workers] }),
      database_connections: await connectionsOf(cell),
      sizes,
    }
  } finally {
    for (const clean of cleanups.reverse()) await clean()
  }
}

export function describe({ workers, conductor_supervisor_rss_mb, broker, database_connections, sizes }) {
  const lines = sizes.map(
    ({
      instances,
      compute_rss_mb,
      conductor_worker_rss_mb,
      compute_cpu_ms_each,
      conductor_cpu_ms_each,
      log_bytes_each,
      seconds,
      journal_kib,
    }) =>
      `${String(instances).padStart(6)} instances: nova-compute ${compute_rss_mb} MiB, a worker of nova-conductor ${conductor_worker_rss_mb} MiB, journal ${journal_kib} KiB` +
      (seconds === undefined
        ? ''
        : `; to build one ${compute_cpu_ms_each} and ${conductor_cpu_ms_each} ms CPU and ${log_bytes_each} bytes of nova-compute's log, ${seconds} s for all`),
  )
  return [
    ...lines,
    `${workers} workers of nova-conductor, and ${conductor_supervisor_rss_mb} MiB for the process above them`,
    `connections to the broker: ${broker.compute} of nova-compute, ${broker.conductor} of all of nova-conductor; ${broker.queues} queues`,
    `connections to the database: ${database_connections}`,
  ].join('\n')
}

async function build(cell, plane, missing, total) {
  for (let left = missing; left > 0; left -= AT_ONCE) {
    const boots = await Promise.all(Array.from({ length: Math.min(AT_ONCE, left) }, () => createBoot(plane, HOST)))
    await Promise.all(boots.map((boot) => boot.build()))
  }
  const deadline = performance.now() + BUILD_TIMEOUT_MS
  while (missing > 0) {
    const rows = [...(await cell.instances()).values()]
    if (rows.filter(({ vm_state, task_state }) => vm_state === 'active' && task_state === null).length === total) return
    if (rows.some(({ vm_state }) => vm_state === 'error')) throw new Error('an instance could not be built')
    if (performance.now() > deadline) throw new Error(`${total} instances are not ACTIVE after ${BUILD_TIMEOUT_MS / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

function childrenOf(pid) {
  return spawnSync('pgrep', ['--parent', String(pid)], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n')
    .map(Number)
}

function logBytes(cell) {
  return statSync(join(cell.folder, 'log', 'nova-compute.log')).size
}

/** Each connection bears `<program>:<pid>:<uuid>`. */
function brokerOf(brokerUrl, pids) {
  const virtualHost = decodeURIComponent(new URL(brokerUrl).pathname.slice(1))
  const rows = (...args) =>
    spawnSync('rabbitmqctl', ['-q', ...args], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n')
  const connections = rows('list_connections', 'vhost', 'client_properties').filter((line) => line.startsWith(virtualHost))
  const of = (ids) => connections.filter((line) => ids.some((id) => line.includes(`:${id}:`))).length
  return {
    compute: of(pids.compute),
    conductor: of(pids.conductor),
    queues: rows('list_queues', '-p', virtualHost, 'name').filter((name) => /^(compute|conductor|reply_)/.test(name)).length,
  }
}

async function connectionsOf({ database, databaseUrl }) {
  const name = /\/(micronova_test_\w+)/.exec(databaseUrl)[1]
  const { rows } = await sql`select count(*) as open from information_schema.processlist where db = ${name}`.execute(database.kysely)
  return Number(rows[0].open) - 1 // our own
}

const sum = (values) => values.reduce((total, value) => total + value, 0)
