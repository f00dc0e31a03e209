import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultConfig } from '../test/config.js'
import { UnknownManager } from './errors.js'
import { chooseManager, identify } from './identity.js'

test('host, binary and topic follow from the option host and the name of the program', () => {
  assert.deepEqual(identify({ program: '/usr/bin/nova-compute' }, defaultConfig), {
    host: 'compute1',
    binary: 'nova-compute',
    topic: 'compute',
  })
  assert.equal(identify({ program: '/opt/nova-conductor' }, defaultConfig).topic, 'conductor')
  assert.equal(identify({ program: 'other' }, defaultConfig).topic, 'other')
})

test('compute_topic holds for nova-compute alone', () => {
  const config = { ...defaultConfig, compute_topic: 'compute.gpu' }
  assert.equal(identify({ program: 'nova-compute' }, config).topic, 'compute.gpu')
  assert.equal(identify({ program: 'nova-conductor' }, config).topic, 'conductor')
})

test('what the creator gives goes before program and options', () => {
  const config = { ...defaultConfig, compute_topic: 'no' }
  assert.deepEqual(identify({ program: 'x', binary: 'nova-compute', host: 'h2', topic: 't2' }, config), {
    host: 'h2',
    binary: 'nova-compute',
    topic: 't2',
  })
})

const managers = { 'nova.compute.manager.ComputeManager': 1, 'acme.Manager': 2, 'acme.Other': 3 }

test("the manager is Nova's own unless the option or the creator names another", () => {
  const config = { ...defaultConfig, compute_manager: 'acme.Manager' }
  assert.deepEqual(chooseManager(managers, 'nova-compute', undefined, defaultConfig), {
    name: 'nova.compute.manager.ComputeManager',
    create: 1,
  })
  assert.equal(chooseManager(managers, 'nova-compute', undefined, config).create, 2)
  assert.equal(chooseManager(managers, 'nova-compute', 'acme.Other', config).create, 3)
})

test('a manager that this program does not have is named, with those that it has', () => {
  const config = { ...defaultConfig, compute_manager: 'acme.Missing' }
  assert.throws(
    () => chooseManager(managers, 'nova-compute', undefined, config),
    (err) =>
      err instanceof UnknownManager &&
      err.className === 'acme.Missing' &&
      err.message ===
        'nova-compute cannot run the manager acme.Missing; this program has nova.compute.manager.ComputeManager, acme.Manager, acme.Other',
  )
  assert.throws(() => chooseManager(managers, 'nova-compute', 'toString', defaultConfig), UnknownManager)
  assert.throws(() => chooseManager({}, 'nova-odd', undefined, defaultConfig), /nova-odd has no manager of its own; this program has none/)
})
