// RPC throughput: node bench/rpc.mjs [--seconds=2] [--rounds=3] [--url=amqp://...]; prints one JSON object.
//
// rabbit   this package over RabbitMQ, client and server in a process each
// bare     amqplib alone with the same payload, likewise (no confirms, no RPC)
// memory   this package over memory://, one process, with real serialisation
//
// The rows of rabbit and bare alternate, each in fresh processes, so that whatever else runs on the machine hits both
// alike; of each the median round by calls per second is given.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { measureCalls } from './_load.mjs'
import { newId } from './_payload.mjs'
import { openRpc } from './_rpc.mjs'

const flights = [1, 32, 128]
const castCount = 10_000

export async function run({
  seconds = '2',
  rounds = '3',
  url = process.env.MICRONOVA_RABBITMQ_URL ?? 'amqp://guest:guest@127.0.0.1:5672/',
} = {}) {
  const rows = { rabbit: {}, bare: {}, memory: {} }
  const rabbitUrl = url.replace(/^amqp/, 'rabbit')
  for (const inFlight of flights) {
    const rabbit = []
    const bare = []
    for (let round = 0; round < Number(rounds); round++) {
      bare.push(await measure('_bare.mjs', url, 'client', inFlight, seconds))
      rabbit.push(await measure('_rpc.mjs', rabbitUrl, 'client', inFlight, seconds))
    }
    rows.rabbit[inFlight] = median(rabbit)
    rows.bare[inFlight] = median(bare)
    rows.memory[inFlight] = await measureMemory(inFlight, Number(seconds))
  }
  return { ...rows, cast_per_s: await measure('_rpc.mjs', rabbitUrl, 'casts', castCount) }
}

export function describe({ rabbit, bare, memory, cast_per_s }) {
  const lines = ['in flight   rabbit/s     bare/s    share   memory/s   rabbit p50/p99 ms']
  for (const n of flights) {
    const share = `${Math.round((100 * rabbit[n].calls_per_s) / bare[n].calls_per_s)} %`
    const cells = [n, rabbit[n].calls_per_s, bare[n].calls_per_s].map((cell, index) => String(cell).padStart(index === 0 ? 9 : 11))
    lines.push(
      `${cells.join('')}${share.padStart(9)}${String(memory[n].calls_per_s).padStart(11)}   ${rabbit[n].p50_ms}/${rabbit[n].p99_ms}`,
    )
  }
  return [...lines, `casts over RabbitMQ: ${cast_per_s}/s`].join('\n')
}

/** One row: a server process and a client process, which tells its figures. */
async function measure(script, url, role, ...amounts) {
  const name = `bench-${newId().slice(0, 8)}`
  const start = (...argv) => fork(fileURLToPath(new URL(script, import.meta.url)), argv.map(String))
  const server = start('server', url, name)
  try {
    await once(server, 'message')
    const [figures] = await once(start(role, url, name, ...amounts), 'message')
    return figures
  } finally {
    server.kill()
    await once(server, 'exit')
  }
}

async function measureMemory(inFlight, seconds) {
  const { serve, call, stop } = await openRpc('memory://', 'bench')
  await serve()
  const figures = await measureCalls(call, inFlight, seconds)
  await stop()
  return figures
}

function median(rows) {
  return rows.toSorted((one, other) => one.calls_per_s - other.calls_per_s)[Math.floor(rows.length / 2)]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = Object.fromEntries(process.argv.slice(2).map((arg) => arg.slice(2).split(/=(.*)/s).slice(0, 2)))
  process.stdout.write(`${JSON.stringify(await run(options))}\n`)
  process.exit(0)
}
