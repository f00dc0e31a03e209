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
  for (const service of services) generateService(folder, service)
  generateCommon(folder)
}

/** @param {import('./services.mjs').Service} service */
export function generateService(folder, service) {
  const { name } = service
  put(folder, `etc/init.d/${name}`, render('init.sh', service), 0o755)
  put(folder, `etc/init/${name}.conf`, render('upstart.conf', service))
  put(folder, `etc/default/${name}`, render('default', service))
  put(folder, `lib/systemd/system/${name}.service`, render('service.unit', service))
}

/** What all services share. */
export function generateCommon(folder) {
  put(folder, 'etc/logrotate.d/micronova-common', readTemplate('logrotate'))
  put(folder, 'usr/lib/tmpfiles.d/micronova-common.conf', readTemplate('tmpfiles.conf'))
}

export function put(folder, path, text, mode = 0o644) {
  const target = join(folder, path)
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, text, { mode })
}

function readTemplate(file) {
  return readFileSync(join(templates, file), 'utf8')
}

export const lowerFirst = (text) => text[0].toLowerCase() + text.slice(1)

/** `@KEY@` is replaced by the value of that name, where there is one. */
export const fill = (text, values) => text.replace(/@([A-Z_0-9]+)@/g, (whole, key) => values[key] ?? whole)

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
    SUMMARY_LOWER: lowerFirst(service.summary),
    AFTER: service.after.join(' '),
    AFTER_UNITS: service.after.map((name) => `${name}.service`).join(' '),
    PRE_START: service.preStart,
    SANDBOX: service.sandbox,
  }
  const include = (_, indent, part) => {
    const lines = render(part, service).trimEnd().split('\n')
    return lines.map((line) => (line === '' ? '' : indent + line)).join('\n')
  }
  return fill(readTemplate(file), values).replace(/^( *)@INCLUDE (\S+)@$/gm, include)
}
