import type { Clock } from '@micronova/lifecycle'
import { DatabaseError } from '../errors.js'
import type { SqlConnection } from './connection.js'

export interface PoolOptions {
  /** Connections kept open; 0 for no limit. */
  readonly size: number
  /** Connections beyond `size`, closed when they come back; -1 for no limit. */
  readonly overflow: number
  /** How long to wait for a connection when all are in use. */
  readonly timeoutMs: number
  /** Age at which an idle connection is replaced; -1 for never. */
  readonly recycleMs: number
  /** A connection that lay idle for longer is asked whether it still lives. A smaller value costs a round trip more often. */
  readonly pingAfterIdleMs: number
}

export interface PoolDeps<C> {
  readonly clock: Clock
  /** @throws DatabaseError `unavailable`, `refused` */
  readonly connect: () => Promise<C>
}

interface Entry<C> {
  readonly connection: C
  readonly madeAt: number
  idleSince: number
}

/** What a waiting caller gets: a connection, or the right to open one. */
type Grant<C> = Entry<C> | 'open a new one'

interface Waiter<C> {
  readonly grant: (grant: Grant<C>) => void
  readonly fail: (err: unknown) => void
}

type PoolMember = Pick<SqlConnection, 'broken' | 'ping' | 'close'>

/** SQLAlchemy's QueuePool: a number of connections kept, some more on demand, first come first served beyond that. */
export class ConnectionPool<C extends PoolMember> {
  readonly #deps: PoolDeps<C>
  readonly #options: PoolOptions
  readonly #limit: number
  readonly #inUse = new Map<C, Entry<C>>()
  readonly #waiters: Waiter<C>[] = []
  #idle: Entry<C>[] = []
  /** Open ones and those being opened. */
  #count = 0
  #closed = false

  constructor(deps: PoolDeps<C>, options: PoolOptions) {
    this.#deps = deps
    this.#options = options
    this.#limit = options.size === 0 || options.overflow === -1 ? Number.POSITIVE_INFINITY : options.size + options.overflow
  }

  /** A live connection, for the caller alone until `release`. @throws DatabaseError `pool_timeout`, or as `connect` */
  async acquire(): Promise<C> {
    for (;;) {
      const entry = await this.#next()
      if (!(await this.#isUsable(entry))) {
        this.#discard(entry)
        continue
      }
      this.#inUse.set(entry.connection, entry)
      return entry.connection
    }
  }

  release(connection: C): void {
    const entry = this.#inUse.get(connection)
    if (entry === undefined) return
    this.#inUse.delete(connection)
    if (connection.broken) {
      // Whatever broke this one (a restart, a failover) has most likely broken those that lie idle as well.
      this.#discardIdle()
      this.#discard(entry)
      return
    }
    entry.idleSince = this.#deps.clock.monotonicMs()
    const waiter = this.#waiters.shift()
    if (waiter !== undefined) waiter.grant(entry)
    else if (this.#closed || (this.#options.size > 0 && this.#idle.length >= this.#options.size)) this.#discard(entry)
    else this.#idle.push(entry)
  }

  /** Closes idle connections now and each other one when it comes back. */
  async close(): Promise<void> {
    this.#closed = true
    for (const waiter of this.#waiters.splice(0)) waiter.fail(closedError())
    const idle = this.#idle
    this.#idle = []
    this.#count -= idle.length
    await Promise.all(idle.map(({ connection }) => connection.close()))
  }

  async #next(): Promise<Entry<C>> {
    if (this.#closed) throw closedError()
    const idle = this.#idle.pop()
    if (idle !== undefined) return idle
    if (this.#count < this.#limit) {
      this.#count++
      return this.#open()
    }
    const grant = await this.#wait()
    return grant === 'open a new one' ? this.#open() : grant
  }

  /** The caller has counted the connection already. */
  async #open(): Promise<Entry<C>> {
    try {
      const connection = await this.#deps.connect()
      const now = this.#deps.clock.monotonicMs()
      return { connection, madeAt: now, idleSince: now }
    } catch (err) {
      this.#freeSlot()
      throw err
    }
  }

  #wait(): Promise<Grant<C>> {
    return new Promise((resolve, reject) => {
      const timer = this.#deps.clock.setTimer(this.#options.timeoutMs, () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
        const seconds = this.#options.timeoutMs / 1000
        reject(new DatabaseError('pool_timeout', `all ${this.#limit} database connections stayed in use for ${seconds} s`))
      })
      const waiter: Waiter<C> = {
        grant: (grant) => {
          timer.cancel()
          resolve(grant)
        },
        fail: (err) => {
          timer.cancel()
          reject(err)
        },
      }
      this.#waiters.push(waiter)
    })
  }

  async #isUsable({ connection, madeAt, idleSince }: Entry<C>): Promise<boolean> {
    if (connection.broken || this.#closed) return false
    const now = this.#deps.clock.monotonicMs()
    if (this.#options.recycleMs >= 0 && now - madeAt > this.#options.recycleMs) return false
    if (now - idleSince <= this.#options.pingAfterIdleMs) return true
    try {
      await connection.ping()
      return true
    } catch {
      return false
    }
  }

  #discardIdle(): void {
    for (const entry of this.#idle.splice(0)) this.#discard(entry)
  }

  #discard({ connection }: Entry<C>): void {
    void connection.close()
    this.#freeSlot()
  }

  /** A slot goes to whoever waits longest. */
  #freeSlot(): void {
    const waiter = this.#waiters.shift()
    if (waiter === undefined) this.#count--
    else waiter.grant('open a new one')
  }
}

function closedError(): DatabaseError {
  return new DatabaseError('closed', 'the database is closed')
}
