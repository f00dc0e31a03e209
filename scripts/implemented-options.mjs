// Writes packages/bin/src/implemented-options.ts anew, from what the compiled programs declare: `node scripts/implemented-options.mjs`.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './prepare.mjs'

const compiled = join(root, 'packages', 'bin', 'dist', 'src')
const declared = {}
for (const name of readdirSync(compiled).filter((name) => /^nova-\w+\.js$/.test(name))) {
  const groups = Object.entries(await import(pathToFileURL(join(compiled, name)).href)).filter(([key]) => key.endsWith('Groups'))
  for (const { group, options } of groups.flatMap(([, value]) => value)) {
    declared[group] ??= new Set()
    for (const option of Object.keys(options)) declared[group].add(option)
  }
}
const sorted = Object.fromEntries(
  Object.entries(declared)
    .sort()
    .map(([group, names]) => [group, [...names].sort()]),
)

const path = join(root, 'packages', 'bin', 'src', 'implemented-options.ts')
const [head] = readFileSync(path, 'utf8').split('export const ')
writeFileSync(path, `${head}export const implementedOptions: Readonly<Record<string, readonly string[]>> = ${JSON.stringify(sorted)}\n`)
execFileSync(join(root, 'node_modules', '.bin', 'biome'), ['check', '--write', path], { stdio: 'inherit' })
