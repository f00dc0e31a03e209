import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isClientError } from '@micronova/clients'
import { RecordingLogger } from '@micronova/log'
import { clientsFrom, passwordLines, settingsFrom } from '../support/clients-from.js'

const placement = `[placement]\n${passwordLines('http://keystone:5000')}\n`

test('a section without credentials has no client', () => {
  const { placement, neutron, glance, cinder } = clientsFrom('')
  assert.deepEqual([placement, neutron], [null, null])
  assert.ok(glance && cinder)
})

test('a section may borrow the credentials of another', () => {
  const {
    neutron,
    placement: own,
    cinder,
    serviceUser,
  } = settingsFrom(
    `${placement}[neutron]\nauth_section = placement\n[service_user]\nsend_service_user_token = yes\nauth_section = placement\n`,
  )
  assert.deepEqual([neutron.credentials, serviceUser.credentials, cinder.credentials], [own.credentials, own.credentials, null])
  assert.ok(clientsFrom(`${placement}[neutron]\nauth_section = placement\n`).neutron)
})

test('[oslo_limit] is read where limits are asked for, and must be whole then', () => {
  const refused = (ini: string, message: RegExp) =>
    assert.throws(
      () => settingsFrom(ini, { limits: true }),
      (err) => isClientError(err, 'configuration') && message.test(err.message),
    )
  assert.equal(settingsFrom('[oslo_limit]\nauth_type = unknown\n').limits, null)
  refused('', /\[oslo_limit\] endpoint_id is needed/)
  refused('[oslo_limit]\nendpoint_id = e\n', /\[oslo_limit\] auth_type is needed/)
  refused('[oslo_limit]\nendpoint_id = e\nauth_type = password\n', /\[oslo_limit\] auth_url is needed/)
  const { limits, placement: own } = settingsFrom(`${placement}[oslo_limit]\nendpoint_id = e\nauth_section = placement\n`, { limits: true })
  assert.deepEqual(limits?.credentials, own.credentials)
})

test('a section of another name is refused, and so are credentials that are not whole', () => {
  const refused = (ini: string, message: RegExp) =>
    assert.throws(
      () => settingsFrom(ini),
      (err) => isClientError(err, 'configuration') && message.test(err.message),
    )
  refused('[neutron]\nauth_section = elsewhere\n', /\[neutron\] auth_section elsewhere is not supported/)
  refused('[neutron]\nauth_type = password\nauth_url = http://keystone:5000\n', /\[neutron\] username is needed with auth_type password/)
})

test('a service token that is wanted and cannot be had is a warning', () => {
  const log = new RecordingLogger('keystoneauth')
  clientsFrom('[service_user]\nsend_service_user_token = yes\n', { log })
  assert.match(log.messages('WARNING').join(), /^\[service_user\] send_service_user_token is set without auth_type/)
  clientsFrom('[service_user]\nusername = nova\n', { log })
  assert.equal(log.messages('WARNING').length, 1)
})
