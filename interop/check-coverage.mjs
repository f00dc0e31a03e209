// node interop/check-coverage.mjs RECORDING: do the methods that scenarios claim to exercise really pass over the broker?
// The recording is one of `micronova wire record` during a whole run of one configuration (needs `rabbitmqctl trace_on -p VHOST`).
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { exercisedMethods, notExercised } from './coverage.mjs'

const file = process.argv[2]
if (!file) {
  process.stderr.write('usage: node interop/check-coverage.mjs RECORDING\n')
  process.exit(2)
}

const seen = new Set()
for await (const line of createInterface({ input: createReadStream(file) })) {
  const message = JSON.parse(line).envelope?.['oslo.message']
  if (message) seen.add(JSON.parse(message).method)
}
const unseen = [...exercisedMethods().keys()].filter((method) => !seen.has(method))
const unexpected = Object.keys(notExercised).filter((method) => seen.has(method))
for (const method of unseen) process.stdout.write(`${method} is said to be exercised, and was not sent\n`)
for (const method of unexpected) process.stdout.write(`${method} is said to be left out, and was sent\n`)
process.stdout.write(`${seen.size} methods were sent\n`)
process.exitCode = unseen.length + unexpected.length > 0 ? 1 : 0
