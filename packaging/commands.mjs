// The programs that are commands and no services. Manual pages and completions are made from this table.

/**
 * @typedef {object} Command
 * @property {string} name
 * @property {string} summary one sentence
 * @property {string} synopsis what comes after the name
 * @property {string} description
 * @property {string} exitStatus
 */

/** @type {Command} */
export const micronova = {
  name: 'micronova',
  summary: 'Runs a whole compute cloud on this machine, and looks into one',
  synopsis: 'COMMAND [OPTION]...',
  description:
    '"up" runs a cloud in the foreground, "demo" boots an instance in it. "doctor" asks everything that a service needs whether it works, "config check" names what is wrong with a nova.conf, and "config sample" writes one. "rpc" sends one request, "wire" records, shows and checks the traffic of a broker, "objects" lists the versioned objects. "micronova COMMAND --help" says more of each.',
  exitStatus: '0: done, or nothing is wrong. 1: it failed, or something is wrong. 2: wrong usage.',
}

/** @type {readonly Command[]} */
export const tools = [
  {
    name: 'nova-manage',
    summary: 'Looks after the databases of a deployment: schemas, cells, deleted rows, services',
    synopsis: '[OPTION]... CATEGORY COMMAND [ARGUMENT]...',
    description:
      'Categories are api_db, cell_v2, db, image_property, placement, service and volume_attachment; "nova-manage CATEGORY --help" lists the commands of one, and "nova-manage CATEGORY COMMAND --help" the arguments. Options stand before the category.',
    exitStatus:
      '0: done. 2: wrong usage. 255: it failed without being expected to. Others are those of Nova; the help of each command has them.',
  },
  {
    name: 'nova-status',
    summary: 'Says whether a deployment is ready for an upgrade',
    synopsis: '[OPTION]... upgrade check [--json]',
    description:
      'Each check is a row of a table, or with --json an entry of an object: what was looked at, how it is, and what to do about it.',
    exitStatus: '0: all checks passed. 1: one warns. 2: one failed. 255: it could not be checked.',
  },
]
