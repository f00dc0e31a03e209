import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Logging, LogLevel } from '@micronova/log'
import type { ProcessView } from '../process-view.js'

/** What a console has besides JavaScript. */
export interface ConsoleLocals {
  readonly values: PropertyDescriptorMap
  /** A line each. */
  readonly help: string
}

const levels: readonly LogLevel[] = ['TRACE', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL']

export function consoleLocals(view: ProcessView, logging: Pick<Logging, 'getLogger' | 'setLevels' | 'levels'>): ConsoleLocals {
  const log = {
    /** Level in force for a name. */
    level: (name: string) => levels.find((level) => logging.getLogger(name).isEnabled(level)) ?? 'OFF',
    set: (name: string, level: string) => logging.setLevels({ levels: [`${name}=${level}`] }),
    debug: (on: boolean) => logging.setLevels({ debug: on }),
    get levels() {
      return Object.fromEntries([...logging.levels].map(([name, level]) => [name || 'root', level]))
    },
  }
  const gc = () => {
    const before = view.memory
    collectGarbage()
    return { before, after: view.memory }
  }
  const looks = Object.keys(view) as (keyof ProcessView)[]
  const getters = looks.map((name): [string, PropertyDescriptor] => [name, { get: () => view[name], enumerable: true, configurable: true }])
  const fixed = Object.entries({ log, gc }).map(([name, value]): [string, PropertyDescriptor] => [
    name,
    { value, enumerable: true, configurable: true },
  ])
  return { values: Object.fromEntries([...getters, ...fixed]), help }
}

const help = `service              the service: program, host, topic, state, pid, heartbeat
steps                the steps of its start
inHand               requests being worked on
transports           connections, servers, calls that wait for replies
periodic             periodic tasks with their last runs
config               options in force by group: config.DEFAULT.host
memory               in MiB
gc()                 collect garbage; memory before and after
log.level(NAME)      level in force for a logger: log.level('nova.compute')
log.set(NAME, LEVEL) until the process ends or its log is configured anew
log.debug(BOOLEAN)   as the option debug
log.levels           the levels that are set
quit, exit           close this connection; the service goes on
Anything else is JavaScript, run in the service itself, whose event loop waits for it.
`

let collector: (() => void) | null = null

/** The function that Node has with --expose-gc. */
function collectGarbage(): void {
  if (collector === null) {
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as () => void
    setFlagsFromString('--no-expose-gc')
  }
  collector()
}
