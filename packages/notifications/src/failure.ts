import { ExceptionPayload, NovaError } from '@micronova/model'
import type { JsonObject } from '@micronova/versionedobjects'

/** Message of a fault in the older form; the database that upstream shares it with takes no more. */
const maxMessage = 255

/** What went wrong, for a versioned notification. A stack of ours has functions and no modules of Python. */
export function exceptionPayload(err: unknown): ExceptionPayload {
  const { name, message, stack } = described(err)
  const [, functionName = 'unknown'] = /^ {4}at (?:async )?(?:new )?([\w.#<>$ ]+?) \(/m.exec(stack) ?? []
  return new ExceptionPayload({
    module_name: err instanceof NovaError ? 'nova.exception' : 'unknown',
    function_name: functionName,
    exception: name,
    exception_message: message,
    traceback: stack,
  })
}

/** The same for the older form: of an error that is not Nova's only the class is told, its text may hold what users must not see. */
export function faultDict(err: unknown): JsonObject {
  const { name, message } = described(err)
  const isOurs = err instanceof NovaError
  return { exception: `${name}()`, message: (isOurs ? message : name).slice(0, maxMessage), code: isOurs ? err.code : 500 }
}

export function described(err: unknown): { readonly name: string; readonly message: string; readonly stack: string } {
  if (!(err instanceof Error)) return { name: 'Exception', message: String(err), stack: String(err) }
  const name = err instanceof NovaError ? err.kind : className(err)
  return { name, message: err.message, stack: err.stack ?? `${name}: ${err.message}` }
}

/** The class that a Python peer would see, where the error stands for one. */
function className(err: Error): string {
  return 'className' in err && typeof err.className === 'string' ? err.className : err.name
}
