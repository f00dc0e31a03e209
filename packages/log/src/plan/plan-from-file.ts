import { type Ini, parseIni } from '../conf/ini.js'
import { LogError, reasonOf } from '../errors.js'
import { NOTSET, parseLevel } from '../levels.js'
import { planHandlerOutput } from './handler-classes.js'
import type { FormatPlan, HandlerPlan, LoggingPlan, NodePlan } from './plan.js'

/**
 * What a file of log_config_append asks for: Python's `logging.config.fileConfig` format, as far as services use it.
 *
 * @throws LogError bad_config_file, naming file and section
 */
export function planFromFile(text: string, file: string): LoggingPlan {
  return new FilePlanner(parseIni(text, file), file).plan()
}

class FilePlanner {
  readonly #ini: Ini
  readonly #file: string

  constructor(ini: Ini, file: string) {
    this.#ini = ini
    this.#file = file
  }

  plan(): LoggingPlan {
    const formats = new Map(this.#keys('formatters').map((key) => [key, this.#format(key)]))
    const handlers = new Map(this.#keys('handlers').map((key) => [key, this.#handler(key, formats)]))
    const loggers = this.#keys('loggers')
    if (!loggers.includes('root')) this.#refuse('loggers', 'there is no root among the keys')
    return new Map(loggers.map((key) => this.#logger(key, handlers)))
  }

  #logger(key: string, handlers: ReadonlyMap<string, HandlerPlan>): [string, NodePlan] {
    const section = `logger_${key}`
    const options = this.#section(section)
    const level = options.get('level')
    const used = list(options.get('handlers')).map(
      (name) => handlers.get(name) ?? this.#refuse(section, `handler '${name}' is not among the keys of [handlers]`),
    )
    const name = key === 'root' ? '' : (options.get('qualname') ?? this.#refuse(section, 'qualname is missing'))
    const levelNumber = level === undefined ? NOTSET : this.#in(section, () => parseLevel(level, 'level'))
    return [name, { levelNumber, handlers: used, propagate: options.get('propagate') !== '0' }]
  }

  #handler(key: string, formats: ReadonlyMap<string, FormatPlan>): HandlerPlan {
    const section = `handler_${key}`
    const options = this.#section(section)
    const formatter = options.get('formatter')
    const level = options.get('level')
    const format = formatter ? formats.get(formatter) : messageAlone
    return {
      output: this.#in(section, () =>
        planHandlerOutput(options.get('class') ?? '', options.get('args') ?? '()', options.get('kwargs') ?? '{}'),
      ),
      format: format ?? this.#refuse(section, `formatter '${formatter}' is not among the keys of [formatters]`),
      levelNumber: level === undefined ? NOTSET : this.#in(section, () => parseLevel(level, 'level')),
    }
  }

  #format(key: string): FormatPlan {
    const section = `formatter_${key}`
    const options = this.#section(section)
    const dateFormat = options.get('datefmt') ?? ''
    if ((options.get('style') ?? '%') !== '%') this.#refuse(section, "only style '%' is known")
    switch (options.get('class')?.replace(/^(oslo_log|logging)\./, '')) {
      case 'formatters.ContextFormatter':
        return { kind: 'context', dateFormat }
      case 'formatters.JSONFormatter':
        return { kind: 'json', dateFormat }
      case undefined:
      case '':
      case 'Formatter':
        return {
          kind: 'plain',
          format: options.get('format') ?? messageAlone.format,
          dateFormat,
          where: `${this.#file}: [${section}] format`,
        }
      default:
        return this.#refuse(section, `formatter class ${options.get('class')} is not known`)
    }
  }

  #keys(section: string): string[] {
    return list(this.#section(section).get('keys'))
  }

  #section(name: string): ReadonlyMap<string, string> {
    return this.#ini.get(name) ?? this.#refuse(name, 'the section is missing')
  }

  #in<T>(section: string, read: () => T): T {
    try {
      return read()
    } catch (err) {
      return this.#refuse(section, reasonOf(err))
    }
  }

  #refuse(section: string, why: string): never {
    throw new LogError('bad_config_file', `${this.#file}: [${section}] ${why}`)
  }
}

const messageAlone = { kind: 'plain', format: '%(message)s', dateFormat: '', where: '' } as const

function list(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
