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

const shared = await import(pathToFileURL(join(compiled, 'keystoneauth-options.js')).href)
const lists = Object.entries(shared).sort()

/** A list of names, with those of keystoneauth as a whole where they are all there. */
function written(names) {
  const whole = lists.filter(([, list]) => list.every((name) => names.includes(name)))
  if (whole.length === 0) return JSON.stringify(names)
  const rest = names.filter((name) => !whole.some(([, list]) => list.includes(name)))
  return `sorted(${[...whole.map(([name]) => `...${name}`), ...rest.map((name) => JSON.stringify(name))].join(', ')})`
}

const path = join(root, 'packages', 'bin', 'src', 'implemented-options.ts')
const [head] = readFileSync(path, 'utf8').split('export const ')
const groups = Object.entries(sorted).map(([group, names]) => `${JSON.stringify(group)}: ${written(names)}`)
writeFileSync(path, `${head}export const implementedOptions: Readonly<Record<string, readonly string[]>> = {${groups.join(', ')}}\n`)
execFileSync(join(root, 'node_modules', '.bin', 'biome'), ['check', '--write', path], { stdio: 'inherit' })
