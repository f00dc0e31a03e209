// The programs as they lie on a machine: bundles, their launchers, and the modules of npm that stay outside of the bundles.
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { external } from '../scripts/bundle.mjs'
import { root } from '../scripts/prepare.mjs'

/** Where launchers, bundles and modules lie; launchers find the others from where they are themselves. */
const home = 'usr/lib/micronova'

/** As nova-compute names it to sudo. */
export const privilegedHelper = 'micronova-privsep-helper'

/**
 * Copy what `npm run build` has made below `folder`, and put the programs on the PATH.
 *
 * @param {string} folder
 * @param {readonly string[]} programs
 */
export function copyPrograms(folder, programs) {
  for (const program of programs) {
    copy(folder, `bin/${program}`)
    for (const file of readdirSync(join(root, 'build')).filter((file) => file.startsWith(`${program}.cjs`))) copy(folder, `build/${file}`)
    mkdirSync(join(folder, 'usr/bin'), { recursive: true })
    symlinkSync(`../lib/micronova/bin/${program}`, join(folder, 'usr/bin', program))
  }
}

/** Copy the privileged helper: a script on the PATH, which sudo's rule names, and what it starts. */
export function copyPrivilegedHelper(folder) {
  for (const file of ['bin/launch-helper.js', 'build/privsep-helper.cjs', `bin/${privilegedHelper}`]) copy(folder, file)
  symlinkSync(`../lib/micronova/bin/${privilegedHelper}`, join(folder, 'usr/bin', privilegedHelper))
}

/** Copy what starts the programs. */
export function copyLauncher(folder) {
  copy(folder, 'bin/launch.js')
  copy(folder, 'bin/package.json')
}

/** Copy the modules that programs load when they need them. */
export function copyModules(folder) {
  for (const path of modulesWithDependencies()) copy(folder, path)
}

function copy(folder, path) {
  const target = join(folder, home, path)
  mkdirSync(dirname(target), { recursive: true })
  cpSync(join(root, path), target, { recursive: true, dereference: true })
  if (path.startsWith('build/')) chmodSync(target, statSync(target).mode | 0o444)
}

/** @returns {Set<string>} their folders, as in the lock file */
function modulesWithDependencies() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const found = new Set()
  const visit = (name, from) => {
    const path = resolve(packages, name, from)
    if (path === null || found.has(path) || !existsSync(join(root, path))) return // another machine's, or not wanted by us
    found.add(path)
    const { dependencies, optionalDependencies } = packages[path]
    for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies })) visit(dependency, path)
  }
  for (const specifier of external) visit(specifier.split('/')[0], '')
  return found
}

/** As Node looks for it: beside the one who asks, then outwards. */
function resolve(packages, name, from) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const path = `${at === '' ? '' : `${at}/`}node_modules/${name}`
    if (packages[path] !== undefined) return path
    if (at === '') return null
  }
}
