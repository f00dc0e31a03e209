import { basename } from 'node:path'
import { PrivsepError } from '../errors.js'
import type { PrivsepSettings } from '../options.js'
import { capabilityOf } from '../privileged/capabilities.js'
import type { PrivsepContext } from '../privileged/definition.js'

/** How helpers are started where a section does not say. */
export interface HelperDefaults {
  /** Path of `micronova-privsep-helper`. */
  readonly program: string
  /** Words before it: `['sudo', '-n']`, or none for a service that is root. */
  readonly rootHelper: readonly string[]
}

/** Why Python's helper cannot serve: it would import the functions of a Python context. */
const foreignHelper = 'privsep-helper'

/**
 * The command line of the helper of a context. The words of `helper_command` are separated as a shell would, without its expansions.
 *
 * @throws PrivsepError start_failed for a command that cannot be meant
 */
export function helperCommand(context: PrivsepContext, settings: PrivsepSettings, defaults: HelperDefaults): readonly string[] {
  const words =
    settings.helper_command === null ? [...defaults.rootHelper, defaults.program] : splitWords(settings.helper_command, context.section)
  if (words.some((word) => basename(word) === foreignHelper))
    throw new PrivsepError(
      'start_failed',
      `[${context.section}] helper_command names ${foreignHelper}, the helper of Python's services; name micronova-privsep-helper, or leave the option out`,
    )
  const capabilities = settings.capabilities.length > 0 ? settings.capabilities : context.capabilities
  const names = capabilities.map((text) => {
    const name = capabilityOf(text)
    if (name === undefined) throw new PrivsepError('start_failed', `[${context.section}] capabilities: ${text} is not a capability`)
    return name
  })
  return [
    ...words,
    ...['--privsep_context', context.name, '--privsep_capabilities', names.join(',')],
    ...optional('--privsep_user', settings.user),
    ...optional('--privsep_group', settings.group),
    ...optional('--privsep_threads', settings.thread_pool_size),
  ]
}

const optional = (name: string, value: string | number | null) => (value === null ? [] : [name, String(value)])

/** Words with 'single' and "double" quotes and backslashes, as Python's `shlex.split` has them. @throws PrivsepError start_failed */
function splitWords(text: string, section: string): string[] {
  const word = /\s*((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+)/y
  const words: string[] = []
  while (word.lastIndex < text.trimEnd().length) {
    const [, found] = word.exec(text.trimEnd()) ?? []
    if (found === undefined) throw new PrivsepError('start_failed', `[${section}] helper_command has a quote that does not end`)
    words.push(
      found.replace(
        /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/g,
        (_, plain, quoted, escaped) => plain ?? escaped ?? quoted.replace(/\\(["\\])/g, '$1'),
      ),
    )
  }
  if (words.length === 0) throw new PrivsepError('start_failed', `[${section}] helper_command is empty`)
  return words
}
