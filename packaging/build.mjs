// node packaging/build.mjs [FOLDER]: the files for init systems, in dist/packaging unless told otherwise.
import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generate } from './generate.mjs'

const [folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'packaging')] = process.argv.slice(2)
rmSync(folder, { recursive: true, force: true })
generate(folder)
