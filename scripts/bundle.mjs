// One CommonJS file a program, in build/, with V8's code cache beside it: start-up of a bundle is a third of that of the modules.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { build } from 'esbuild'
import { root } from './prepare.mjs'

/** Native or optional: required from node_modules by the programs that use them, when they use them. */
export const external = ['libsql', 'mysql2', 'mysql2/promise', 'pg', 'pg-native', 'prom-client', 'yaml']

/**
 * Programs without a code cache: the privileged helper is 30 KB, which Node compiles as fast as it reads a cache, and no service that
 * could be tried without one; a command that is run once a release need not be quick.
 */
const uncached = new Set(['privsep-helper', 'nova-status'])

/** Every file of packages/bin/src/mains is a program. */
export async function bundle() {
  const folder = join(root, 'packages', 'bin', 'dist', 'src', 'mains')
  const entryPoints = readdirSync(folder)
    .filter((name) => name.endsWith('.js') && !name.endsWith('.test.js'))
    .map((name) => join(folder, name))
  const outdir = join(root, 'build')
  await build({
    entryPoints,
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    keepNames: true,
    // What is external is CommonJS, and a script that runs from the code cache has no import().
    supported: { 'dynamic-import': false },
    external,
    logLevel: 'warning',
    legalComments: 'none',
    // ESM's import.meta.url is empty in CommonJS; nothing bundled may rely on where its file lies.
    logOverride: { 'empty-import-meta': 'error' },
  })
  const services = entryPoints.map((entry) => basename(entry, '.js')).filter((name) => !uncached.has(name))
  await Promise.all(services.map((name) => cacheCode(join(outdir, name))))
}

/**
 * Runs a program for a moment under the launcher, which writes the code cache of what that run has compiled. A start that waits
 * for its conductor on an empty in-process bus passes through most of what a start needs; the more it does, the less is
 * compiled at the next one.
 */
async function cacheCode(program) {
  const folder = mkdtempSync(join(tmpdir(), 'micronova-build-'))
  try {
    const config = join(folder, 'nova.conf')
    writeFileSync(config, warmUpConfig(folder))
    const args = trialArguments[basename(program)]?.(folder, config) ?? ['--config-file', config]
    const child = spawn(process.execPath, [join(root, 'bin', basename(program)), ...args], {
      env: { ...process.env, MICRONOVA_WRITE_CODE_CACHE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let told = false
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk
        if (told || !warm.test(output)) return
        told = child.kill('SIGTERM') // once: a second one would cut it short
      })
    const [status] = await once(child, 'close')
    if (status !== 0) throw new Error(`${basename(program)} failed in the build's trial run: ${output}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Of programs that are no services. */
const trialArguments = {
  micronova: (folder) => ['up', '--state-dir', join(folder, 'state')],
  'nova-manage': (_folder, config) => ['--config-file', config, 'db', 'sync', '--local_cell'],
}

/** What a program prints when its trial run has seen enough: all is up, or only the conductor is missing. */
const warm = /ready after|step periodic_tasks done|Timed out waiting for nova-conductor|step load_virt_driver done/

const warmUpConfig = (folder) => `[DEFAULT]
transport_url = memory://
compute_driver = fake.FakeDriver
state_path = ${folder}
[database]
connection = sqlite:///${folder}/nova.sqlite
[api_database]
connection = sqlite:///${folder}/nova_api.sqlite
[conductor]
workers = 1
[scheduler]
workers = 1
[placement]
auth_type = password
auth_url = http://127.0.0.1:9
username = nova
password = nova
`

if (process.argv[1]?.endsWith('bundle.mjs')) await bundle()
