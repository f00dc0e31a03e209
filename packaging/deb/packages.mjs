// Debian packages: micronova-common, one for each service that stands in the place of Debian's own, and one for the administrator's commands.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { root } from '../../scripts/prepare.mjs'
import { micronova, tools } from '../commands.mjs'
import { fill, generateCommon, generateService, lowerFirst, put } from '../generate.mjs'
import { copyLauncher, copyModules, copyPrivilegedHelper, copyPrograms, privilegedHelper } from '../programs.mjs'
import { services } from '../services.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const read = (file) => readFileSync(join(here, file), 'utf8')
/** That of Debian 12's packages whose place ours take, for whatever depends on them. */
const novaVersion = '2:26.2.2'
const maintainer = 'Micronova <micronova@localhost>'

/**
 * @param {string} folder where the packages are put
 * @param {{ version?: string, compression?: 'xz' | 'gzip' }} options gzip is quick, for tests
 * @returns {string[]} their files
 */
export function buildPackages(folder, { version = packageVersion(), compression = 'xz' } = {}) {
  mkdirSync(folder, { recursive: true })
  const target = { folder, compression }
  return [buildCommon(target, version), buildTools(target, version), ...services.map((service) => buildService(target, version, service))]
}

/** What an operator reads of docs/. */
const manual = ['configuration.md', 'debugging.md', 'doctor.md', 'metrics.md', 'nova-manage.md', 'operations.md']

const packageVersion = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version

function buildCommon(to, version) {
  const md5 = createHash('md5').update(read('nova.conf')).digest('hex')
  return build(to, {
    name: 'micronova-common',
    version,
    fields: { Depends: 'adduser, init-system-helpers (>= 1.54~), nodejs (>= 20)', Suggests: 'logrotate, bash-completion' },
    summary: 'what the services of Micronova share',
    scripts: {
      postinst: read('common.postinst'),
      postrm: fill(read('common.postrm'), { NOVA_CONF_MD5: md5, SERVICES: services.map(({ name }) => name).join(' ') }),
    },
    fillTree(tree) {
      generateCommon(tree)
      copyLauncher(tree)
      copyModules(tree)
      putCommand(tree, micronova, version)
      put(tree, 'usr/share/micronova-common/nova.conf', read('nova.conf'))
      for (const page of manual) cpTo(tree, `docs/${page}`, `usr/share/doc/micronova-common/${page}`)
    },
  })
}

/** Of Debian's these are in nova-common, which its services need: where one of them is, Debian's commands are there as well. */
function buildTools(to, version) {
  return build(to, {
    name: 'micronova-tools',
    version,
    fields: { Depends: `micronova-common (= ${version})`, Conflicts: 'nova-common', Replaces: 'nova-common' },
    summary: 'nova-manage and nova-status',
    stands: 'Where no service of OpenStack Nova in Python is: those bring commands of their own with the same names.',
    scripts: {},
    fillTree(tree) {
      for (const tool of tools) putCommand(tree, tool, version)
    },
  })
}

/** @param {import('../commands.mjs').Command} command */
function putCommand(tree, command, version) {
  const { name, synopsis, description, exitStatus } = command
  const values = { ...valuesOf(command, version), SYNOPSIS: roff(synopsis), DESCRIPTION: roff(description), EXIT_STATUS: roff(exitStatus) }
  copyPrograms(tree, [name])
  putCompressed(tree, `usr/share/man/man1/${name}.1.gz`, fill(read('command.1'), values))
  put(tree, `usr/share/bash-completion/completions/${name}`, fill(read('command.bash'), values))
}

const roff = (text) => text.replaceAll('-', '\\-')

/** What manual page, completion and maintainer scripts name. */
function valuesOf({ name, summary }, version) {
  return {
    NAME: name,
    NAME_UPPER: name.toUpperCase(),
    NAME_ROFF: roff(name),
    IDENTIFIER: name.replaceAll('-', '_'),
    SUMMARY: summary,
    SUMMARY_LOWER: lowerFirst(summary),
    VERSION: version,
  }
}

const standsForService = 'Stands in the place of the service of OpenStack Nova Zed, beside those in Python.'

/** @param {import('../services.mjs').Service} service */
function buildService(to, version, service) {
  const { name, summary } = service
  const fields = {
    Depends: [`micronova-common (= ${version})`, 'lsb-base | sysvinit-utils', ...(service.hasHelper ? ['sudo', 'util-linux'] : [])].join(
      ', ',
    ),
    ...(service.hasHelper && { Suggests: 'iproute2, iptables, openvswitch-switch' }),
    Provides: `${name} (= ${novaVersion})`,
    Conflicts: name,
    Replaces: name,
  }
  const values = valuesOf(service, version)
  const scripts = {}
  for (const script of ['preinst', 'postinst', 'prerm', 'postrm']) scripts[script] = fill(read(`service.${script}`), values)
  return build(to, {
    name: name.replace('nova-', 'micronova-'),
    version,
    fields,
    summary: lowerFirst(summary),
    scripts,
    fillTree(tree) {
      generateService(tree, service)
      copyPrograms(tree, [name])
      if (service.hasHelper) {
        copyPrivilegedHelper(tree)
        put(tree, `etc/sudoers.d/micronova-${name}`, `nova ALL = (root) NOPASSWD: /usr/bin/${privilegedHelper} *\n`, 0o440)
      }
      putCompressed(tree, `usr/share/man/man1/${name}.1.gz`, fill(read('manual.1'), values))
      put(tree, `usr/share/bash-completion/completions/${name}`, fill(read('completion.bash'), values))
    },
  })
}

function build({ folder, compression }, { name, version, fields, summary, stands = standsForService, scripts, fillTree }) {
  const tree = mkdtempSync(join(tmpdir(), 'micronova-deb-'))
  try {
    chmodSync(tree, 0o755)
    fillTree(tree)
    const doc = `usr/share/doc/${name}`
    cpTo(tree, 'LICENSE', `${doc}/copyright`)
    putCompressed(tree, `${doc}/changelog.gz`, readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))
    const files = filesOf(tree)
    for (const file of files) chmodSync(join(tree, file), modeOf(file, statSync(join(tree, file)).mode))
    const architecture = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim()
    const kibibytes = Math.ceil(files.reduce((sum, file) => sum + statSync(join(tree, file)).size, 0) / 1024)
    const control = {
      Package: name,
      Version: version,
      Architecture: architecture,
      Maintainer: maintainer,
      'Installed-Size': kibibytes,
      Section: 'net',
      Priority: 'optional',
      ...fields,
      Description: `OpenStack Nova in TypeScript: ${summary}\n ${stands}`,
    }
    const lines = Object.entries(control).map(([field, value]) => `${field}: ${value}\n`)
    put(tree, 'DEBIAN/control', lines.join(''))
    put(
      tree,
      'DEBIAN/conffiles',
      files
        .filter((file) => file.startsWith('etc/'))
        .map((file) => `/${file}\n`)
        .join(''),
    )
    put(
      tree,
      'DEBIAN/md5sums',
      files
        .filter((file) => !file.startsWith('etc/'))
        .map((file) => `${md5Of(join(tree, file))}  ${file}\n`)
        .join(''),
    )
    for (const [script, text] of Object.entries(scripts)) put(tree, `DEBIAN/${script}`, text, 0o755)
    const target = join(folder, `${name}_${version}_${architecture}.deb`)
    execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', tree, target], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return target
  } finally {
    rmSync(tree, { recursive: true, force: true })
  }
}

/** Regular files, sorted, relative to `tree`. */
function filesOf(tree) {
  return readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(tree, join(entry.parentPath ?? entry.path, entry.name)))
    .sort()
}

/** Whatever the umask was. sudo heeds no file that others may write to, and its checker wants them not to read it. */
function modeOf(file, made) {
  if (file.startsWith('etc/sudoers.d/')) return 0o440
  return made & 0o111 ? 0o755 : 0o644
}

const md5Of = (file) => createHash('md5').update(readFileSync(file)).digest('hex')

function cpTo(tree, from, to) {
  if (!existsSync(join(root, from))) throw new Error(`${from} is missing`)
  mkdirSync(dirname(join(tree, to)), { recursive: true })
  cpSync(join(root, from), join(tree, to))
}

function putCompressed(tree, path, text) {
  put(tree, path, gzipSync(text, { level: 9 }))
}
