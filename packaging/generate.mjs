// Makes the files that init systems read, of services.mjs and templates/.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { services } from './services.mjs'

const templates = join(dirname(fileURLToPath(import.meta.url)), 'templates')

/**
 * Write all files below `folder`, each where it belongs on a machine: `folder`/etc/init.d/nova-compute and so on.
 *
 * @param {string} folder
 */
export function generate(folder) {
  for (const service of services) {
    const { name } = service
    put(folder, `etc/init.d/${name}`, render('init.sh', service), 0o755)
    put(folder, `etc/init/${name}.conf`, render('upstart.conf', service))
    put(folder, `etc/default/${name}`, render('default', service))
    put(folder, `usr/lib/systemd/system/${name}.service`, render('service.unit', service))
  }
  put(folder, 'etc/logrotate.d/micronova-common', readTemplate('logrotate'))
  put(folder, 'usr/lib/tmpfiles.d/micronova-common.conf', readTemplate('tmpfiles.conf'))
}

function put(folder, path, text, mode = 0o644) {
  const target = join(folder, path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text, { mode })
}

function readTemplate(file) {
  return readFileSync(join(templates, file), 'utf8')
}

/**
 * `@KEY@` is replaced by the service's value; a line `@INCLUDE FILE@` by another template, as far indented as the line.
 *
 * @param {string} file
 * @param {import('./services.mjs').Service} service
 * @returns {string}
 */
function render(file, service) {
  const values = {
    NAME: service.name,
    TITLE: service.title,
    SUMMARY: service.summary,
    SUMMARY_LOWER: service.summary[0].toLowerCase() + service.summary.slice(1),
    AFTER: service.after.join(' '),
    AFTER_UNITS: service.after.map((name) => `${name}.service`).join(' '),
    PRE_START: service.preStart,
    SANDBOX: service.sandbox,
  }
  const include = (_, indent, part) => {
    const lines = render(part, service).trimEnd().split('\n')
    return lines.map((line) => (line === '' ? '' : indent + line)).join('\n')
  }
  return readTemplate(file)
    .replace(/@([A-Z_]+)@/g, (whole, key) => values[key] ?? whole)
    .replace(/^( *)@INCLUDE (\S+)@$/gm, include)
}
