// npm run bench -- NAME [--json]: runs bench/NAME.mjs and prints its figures, readably or as one JSON object.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { prepare, root } from './prepare.mjs'

const folder = join(root, 'bench')
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.mjs') && !file.startsWith('_'))
  .map((file) => file.slice(0, -'.mjs'.length))
const args = process.argv.slice(2)
const json = args.includes('--json')
const [name] = args.filter((arg) => !arg.startsWith('--'))
if (name === undefined || !names.includes(name)) {
  process.stderr.write(`usage: npm run bench -- NAME [--json], where NAME is one of ${names.join(', ')}\n`)
  process.exit(2)
}

await prepare()
const { run, describe } = await import(pathToFileURL(join(folder, `${name}.mjs`)).href)
const options = Object.fromEntries(
  args.filter((arg) => arg.startsWith('--') && arg !== '--json').map((arg) => arg.slice(2).split(/=(.*)/s).slice(0, 2)),
)
const figures = await run(options)
process.stdout.write(json ? `${JSON.stringify(figures)}\n` : `${describe(figures)}\n`)
process.exit(0)
