// npm start [-- FLAGS]: install, build, and run `micronova up` in the foreground. `npm start -- --help` lists its flags.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { prepare, root } from './prepare.mjs'

await prepare()
process.argv = [process.execPath, join(root, 'bin', 'micronova'), 'up', ...process.argv.slice(2)]
createRequire(import.meta.url)(join(root, 'bin', 'launch.js'))('micronova')
