import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '@micronova/testing'
import { DatabaseError } from '../errors.js'
import { ConnectionPool, type PoolOptions } from './pool.js'

class FakeConnection {
  readonly number: number
  broken = false
  closed = false
  pings = 0
  answersPing = true

  constructor(number: number) {
    this.number = number
  }
  async ping(): Promise<void> {
    this.pings++
    if (!this.answersPing) throw new DatabaseError('connection_lost', 'gone')
  }
  async close(): Promise<void> {
    this.closed = true
  }
}

const standard: PoolOptions = { size: 1, overflow: 1, timeoutMs: 30_000, recycleMs: 3_600_000, pingAfterIdleMs: 1000 }

function poolWith(options: Partial<PoolOptions> = {}) {
  const clock = new FakeClock()
  const made: FakeConnection[] = []
  const connect = async () => {
    const connection = new FakeConnection(made.length)
    made.push(connection)
    return connection
  }
  return { clock, made, pool: new ConnectionPool<FakeConnection>({ clock, connect }, { ...standard, ...options }) }
}

test('a connection that came back is used again; those beyond the size are closed', async () => {
  const { pool, made } = poolWith()
  const [a, b] = [await pool.acquire(), await pool.acquire()]
  pool.release(a)
  pool.release(b)
  assert.deepEqual(
    made.map(({ closed }) => closed),
    [false, true],
  )
  assert.equal((await pool.acquire()).number, 0)
})

test('when all are in use callers wait in turn', async () => {
  const { pool } = poolWith()
  const [a, b] = [await pool.acquire(), await pool.acquire()]
  const order: string[] = []
  const first = pool.acquire().then(() => order.push('first'))
  const second = pool.acquire().then(() => order.push('second'))
  pool.release(b)
  await first
  pool.release(a)
  await second
  assert.deepEqual(order, ['first', 'second'])
})

test('a caller that waits too long gets a pool_timeout and leaves the queue', async () => {
  const { pool, clock, made } = poolWith()
  const a = await pool.acquire()
  await pool.acquire()
  const late = assert.rejects(pool.acquire(), { code: 'pool_timeout', message: 'all 2 database connections stayed in use for 30 s' })
  await clock.advance(30_000)
  await late
  pool.release(a)
  assert.equal((await pool.acquire()).number, 0)
  assert.equal(made.length, 2)
})

test('a broken connection is replaced for the one who waits, and takes the idle ones with it', async () => {
  const { pool, made } = poolWith({ size: 2, overflow: 0 })
  const [a, b] = [await pool.acquire(), await pool.acquire()]
  pool.release(b)
  a.broken = true
  pool.release(a)
  assert.deepEqual(
    made.map(({ closed }) => closed),
    [true, true],
  )
  const [c, d] = [await pool.acquire(), await pool.acquire()]
  const waiting = pool.acquire()
  c.broken = true
  pool.release(c)
  assert.equal((await waiting).number, 4)
  assert.equal(d.closed, false)
})

test('a connection that lay idle is asked whether it lives, and one that does not is replaced', async () => {
  const { pool, clock, made } = poolWith()
  const a = await pool.acquire()
  pool.release(a)
  await pool.acquire()
  assert.equal(a.pings, 0, 'used a moment ago')
  pool.release(a)
  await clock.advance(2000)
  assert.equal(await pool.acquire(), a)
  assert.equal(a.pings, 1)
  pool.release(a)
  a.answersPing = false
  await clock.advance(2000)
  assert.equal((await pool.acquire()).number, 1)
  assert.equal(made[0]?.closed, true)
})

test('a connection that is too old is replaced', async () => {
  const { pool, clock } = poolWith({ recycleMs: 5000 })
  pool.release(await pool.acquire())
  await clock.advance(5001)
  assert.equal((await pool.acquire()).number, 1)
})

test('a failure to connect goes to the caller and leaves the slot to the next', async () => {
  const clock = new FakeClock()
  let fails = true
  const connect = async () => {
    if (fails) throw new DatabaseError('unavailable', 'refused')
    return new FakeConnection(0)
  }
  const pool = new ConnectionPool<FakeConnection>({ clock, connect }, { ...standard, overflow: 0 })
  await assert.rejects(pool.acquire(), { code: 'unavailable' })
  fails = false
  assert.ok(await pool.acquire())
})

test('a closed pool refuses new callers and those who wait, and closes connections as they come back', async () => {
  const { pool, made } = poolWith({ overflow: 0 })
  const a = await pool.acquire()
  const waiting = assert.rejects(pool.acquire(), { code: 'closed' })
  await pool.close()
  await waiting
  await assert.rejects(pool.acquire(), { code: 'closed' })
  pool.release(a)
  assert.equal(made[0]?.closed, true)
})
