import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isNovaError } from '@micronova/model'
import { deviceLetters, lettersAt, nextDeviceName } from './device-names.js'

test('the first disk of a guest without a root device name is /dev/sda', () => {
  assert.equal(nextDeviceName({ used: [], rootDeviceName: null, maxDevices: -1 }), '/dev/sda')
})

test('further disks are named after the root disk and fill the first gap', () => {
  const used = ['/dev/vda', '/dev/vdb', 'vdd']
  assert.equal(nextDeviceName({ used, rootDeviceName: 'vda1', maxDevices: -1 }), '/dev/vdc')
})

test('xvd disks keep their kind', () => {
  assert.equal(nextDeviceName({ used: ['/dev/xvda'], rootDeviceName: '/dev/xvda', maxDevices: -1 }), '/dev/xvdb')
})

test('letters go on with two after z', () => {
  assert.deepEqual([0, 25, 26, 27, 701, 702].map(lettersAt), ['a', 'z', 'aa', 'ab', 'zz', 'aaa'])
  assert.equal(deviceLetters('/dev/sdab3'), 'ab')
})

test('one disk more than the limit is refused', () => {
  const ask = (maxDevices: number) => nextDeviceName({ used: ['/dev/vda'], rootDeviceName: '/dev/vda', maxDevices })
  assert.equal(ask(2), '/dev/vdb')
  assert.throws(
    () => ask(1),
    (err) => isNovaError(err, 'TooManyDiskDevices'),
  )
})

test('a root device name that is none is refused', () => {
  assert.throws(
    () => nextDeviceName({ used: [], rootDeviceName: '../etc', maxDevices: -1 }),
    (err) => isNovaError(err, 'InvalidDevicePath'),
  )
})

test('a name that is wanted is taken with the kind of disk that the root disk is', () => {
  const ask = (wanted: string) => nextDeviceName({ used: ['/dev/vda'], rootDeviceName: '/dev/vda', maxDevices: -1, wanted })
  assert.equal(ask('/dev/sdf'), '/dev/vdf')
  assert.throws(
    () => ask('/dev/sda'),
    (err) => isNovaError(err, 'DevicePathInUse'),
  )
  for (const wrong of ['vdb', '/dev/1', ''])
    assert.throws(
      () => ask(wrong),
      (err) => isNovaError(err, 'InvalidDevicePath'),
    )
})
