import assert from 'node:assert/strict'
import { test } from 'node:test'
import { instanceName } from './instance-name.js'
import { Instance } from './objects/index.js'

const instance = Instance.objStored({ id: 26, uuid: '9f999f1d-90b2-4da9-b74d-995b37eeb03f', hostname: 'vm1' })

test('the name of a guest is its id in hexadecimal, or what the template says', () => {
  assert.equal(instanceName(instance), 'instance-0000001a')
  assert.equal(instanceName(instance, 'vm%d'), 'vm26')
  assert.equal(instanceName(instance, 'vm-%(hostname)s-%(uuid)s'), 'vm-vm1-9f999f1d-90b2-4da9-b74d-995b37eeb03f')
})

test('a template that names no field of an instance gives its uuid', () => {
  assert.equal(instanceName(instance, 'vm-%(colour)s'), instance.uuid)
})
