import type { CallOptions } from '../call.js'
import { ClientError, type ClientErrorCode } from '../errors.js'
import { codeOfStatus } from '../http/status-code.js'

/** A request that a fake got: the arguments after the context. */
export interface FakeCall<M extends string> {
  readonly method: M
  readonly args: readonly unknown[]
}

/** What a fake was asked, and what is to happen when it is asked. */
export class FakeCalls<M extends string> {
  readonly #service: string
  readonly #hooks = new Map<M, (() => void | Promise<void>)[]>()
  /** In the order in which the calls came in. To be emptied by `length = 0`. */
  readonly log: FakeCall<M>[] = []

  constructor(service: string) {
    this.#service = service
  }

  /** The names of the calls so far: one for each request that the real service would have got. */
  get methods(): readonly M[] {
    return this.log.map(({ method }) => method)
  }

  /**
   * `hook` runs once, just before the next call of `method` is carried out: it can change the service's state as somebody else would,
   * wait, or throw. Hooks of the same method run one a call, in order.
   */
  before(method: M, hook: () => void | Promise<void>): void {
    this.#hooks.set(method, [...(this.#hooks.get(method) ?? []), hook])
  }

  /** The next call of `method` fails. `code` is what no status says: `unreachable`, `timeout`. */
  fail(method: M, code: ClientErrorCode | number, serviceCode?: string): void {
    this.before(method, () => {
      throw this.refusal(code, 'it was told to fail', serviceCode)
    })
  }

  /** The error of a refused request, as the real client would reject. */
  refusal(code: ClientErrorCode | number, detail: string, serviceCode?: string): ClientError {
    const service = this.#service
    const status = typeof code === 'number' ? { status: code } : {}
    const message = `${service}: ${typeof code === 'number' ? `${code}, ` : ''}${detail}`
    const details = { service, ...status, detail, ...(serviceCode === undefined ? {} : { serviceCode }) }
    return new ClientError(typeof code === 'number' ? codeOfStatus(code) : code, message, details)
  }

  /** The first thing that every method of a fake does. Answers come later than the call, as over a network. */
  async begin(method: M, args: readonly unknown[], options: CallOptions | undefined): Promise<void> {
    options?.signal?.throwIfAborted()
    this.log.push({ method, args })
    const [hook, ...later] = this.#hooks.get(method) ?? []
    this.#hooks.set(method, later)
    await hook?.()
    options?.signal?.throwIfAborted()
  }
}

/** UUIDs one after another, the same in each run: `<prefix>-0000-4000-8000-000000000001` ... */
export function countingUuids(prefix: string): () => string {
  let count = 0
  return () => {
    count += 1
    return `${prefix}-0000-4000-8000-${count.toString(16).padStart(12, '0')}`
  }
}
