import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backdoorPlace } from './place.js'

const place = (backdoor_port: string | null, backdoor_socket: string | null = null) => backdoorPlace({ backdoor_port, backdoor_socket }, 77)

test('there is no console unless one is asked for', () => {
  assert.equal(place(null), null)
  assert.equal(place(null, ''), null)
})

test('a port, a range, or any', () => {
  assert.deepEqual(place('4444'), { kind: 'port', from: 4444, to: 4444 })
  assert.deepEqual(place('4444:4450'), { kind: 'port', from: 4444, to: 4450 })
  assert.deepEqual(place('0'), { kind: 'port', from: 0, to: 0 })
})

test('a socket goes before a port, and may have the process in its name', () => {
  assert.deepEqual(place('4444', '/run/nova/{pid}.sock'), { kind: 'socket', path: '/run/nova/77.sock' })
})

for (const wrong of ['', 'x', '1:', ':2', '2:1', '-1', '65536', '1:2:3', '1.5'])
  test(`backdoor_port '${wrong}' is refused with the option's name`, () => {
    assert.throws(() => place(wrong), new RegExp(`^CommandFailed: backdoor_port: '${wrong}' is neither a port, nor START:END, nor 0`))
  })
