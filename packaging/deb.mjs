// npm run deb [-- FOLDER]: builds and packs everything for Debian, into dist/deb unless told otherwise.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { prepare, root } from '../scripts/prepare.mjs'
import { buildPackages } from './deb/packages.mjs'

await prepare()
const [folder = join(root, 'dist', 'deb')] = process.argv.slice(2)
rmSync(folder, { recursive: true, force: true })
for (const file of buildPackages(folder)) process.stdout.write(`${file}\n`)
