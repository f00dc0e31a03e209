// npm test [-- PATTERN...]: build, then run every compiled test file whose path contains one of the patterns.
// Tests of services that do not answer are reported as skipped; MICRONOVA_REQUIRE=rabbitmq,... makes that a failure.
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { prepare, root } from './prepare.mjs'
import { report } from './test-report.mjs'

await prepare()

const patterns = process.argv.slice(2)
const files = []
for (const name of readdirSync(join(root, 'packages'))) collect(join(root, 'packages', name, 'dist'))
collect(join(root, 'scripts'))
collect(join(root, 'interop'))
collect(join(root, 'packaging'))

function collect(folder) {
  let entries
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  } catch {
    return
  }
  for (const entry of entries) {
    const path = join(entry.parentPath ?? entry.path, entry.name)
    if (!/\.test\.m?js$/.test(entry.name) || path.includes('node_modules')) continue
    if (patterns.length === 0 || patterns.some((pattern) => relative(root, path).includes(pattern))) files.push(path)
  }
}

const stream = run({ files: files.sort(), concurrency: Math.max(2, availableParallelism()), timeout: 300_000 })
process.exitCode = await report(stream, { root })
