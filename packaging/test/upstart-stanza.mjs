/**
 * The script of a stanza of an Upstart job.
 *
 * @param {string} job
 * @param {'script' | 'pre-start script'} name
 */
export function stanza(job, name) {
  const lines = job.split('\n')
  const begin = lines.indexOf(name)
  if (begin === -1) throw new Error(`the job has no "${name}"`)
  return `${lines.slice(begin + 1, lines.indexOf('end script', begin)).join('\n')}\n`
}
