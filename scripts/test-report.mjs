// Prints a line per file, every failure in full, every skip by name, and closes with `N passed, N failed, N skipped`.
import { relative } from 'node:path'
import { inspect } from 'node:util'

/** Reads the events of node:test's `run` and resolves with the exit status. */
export async function report(stream, { root, out = process.stdout }) {
  const failures = []
  const skips = new Map()
  let passed = 0
  let failed = 0
  let skipped = 0
  for await (const { type, data } of stream) {
    if (type === 'test:stderr' || type === 'test:stdout') {
      if (process.env.MICRONOVA_TEST_OUTPUT) out.write(data.message)
      continue
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const isFile = data.nesting === 0 && /\.test\.m?js$/.test(data.name)
    if (isFile) {
      const seconds = (data.details.duration_ms / 1000).toFixed(1)
      out.write(`${type === 'test:pass' ? 'ok  ' : 'FAIL'} ${relative(root, data.name)} (${seconds} s)\n`)
      // A file fails with its tests; alone it fails by an error outside of them.
      if (type === 'test:fail' && data.details.error?.failureType !== 'subtestsFailed') {
        failed++
        failures.push(data)
      }
      continue
    }
    if (data.details?.type === 'suite') continue
    if (data.skip !== undefined && data.skip !== false) {
      skipped++
      const reason = typeof data.skip === 'string' ? data.skip : 'no reason given'
      skips.set(reason, [...(skips.get(reason) ?? []), `${data.file ? relative(root, data.file) : ''}: ${data.name}`])
    } else if (type === 'test:pass') passed++
    else if (data.details.error?.failureType !== 'subtestsFailed') {
      failed++
      failures.push(data)
    }
  }
  for (const [reason, names] of skips) out.write(`\nskipped, ${reason}:\n${names.map((name) => `  ${name}\n`).join('')}`)
  for (const { name, file, details } of failures) {
    const error = details.error?.cause ?? details.error
    out.write(`\nFAILED ${file ? relative(root, file) : ''}: ${name}\n${inspect(error, { depth: 6 })}\n`)
  }
  out.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  return failed > 0 || passed === 0 ? 1 : 0
}
