// What a fresh checkout needs before anything runs: packages from npm, compiled TypeScript, bundled mains.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

function checkNode() {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20) {
    console.error(`micronova: Node.js ${process.versions.node} is too old, 20 or newer is needed`)
    process.exit(1)
  }
}

/** `npm ci` where the lock file is newer than what is installed. */
function install() {
  const marker = join(root, 'node_modules', '.package-lock.json')
  const lock = join(root, 'package-lock.json')
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(lock).mtimeMs) return
  if (existsSync(marker) && sameLock(lock, marker)) {
    utimesSync(marker, new Date(), new Date())
    return
  }
  console.error('micronova: installing packages')
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

/** A checkout gives the lock file a new time without a new content. */
function sameLock(lock, marker) {
  const wanted = JSON.parse(readFileSync(lock, 'utf8')).packages
  const present = JSON.parse(readFileSync(marker, 'utf8')).packages
  return Object.entries(wanted).every(([path, entry]) => path === '' || entry.optional || present[path]?.version === entry.version)
}

/** Newest change among what a build is made from, milliseconds since 1970. */
function newestSource() {
  let newest = 0
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name === 'fixtures') continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) visit(path)
      else newest = Math.max(newest, statSync(path).mtimeMs)
    }
  }
  for (const folder of ['packages', 'scripts', 'bin']) visit(join(root, folder))
  for (const file of ['package-lock.json', 'tsconfig.base.json', 'tsconfig.json'])
    newest = Math.max(newest, statSync(join(root, file)).mtimeMs)
  return newest
}

/** Install, compile all packages and bundle the mains, as far as something changed since the last time. */
export async function prepare() {
  checkNode()
  const stamp = join(root, 'build', '.stamp')
  const begun = new Date()
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= newestSource() && existsSync(join(root, 'node_modules'))) return
  install()
  const require = createRequire(join(root, 'package.json'))
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
  run(process.execPath, [tsc, '-b'])
  await (await import('./bundle.mjs')).bundle()
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, `node ${process.version}\n`)
  // A file saved while the build ran must count as newer.
  utimesSync(stamp, begun, begun)
}
