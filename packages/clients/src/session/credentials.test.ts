import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isClientError } from '../errors.js'
import { authRequest, readCredentials } from './credentials.js'
import type { CredentialSection } from './options.js'

const unset: CredentialSection = {
  auth_type: null,
  auth_section: null,
  auth_url: 'http://keystone:5000',
  username: null,
  user_id: null,
  password: null,
  project_id: null,
  project_name: null,
  tenant_id: null,
  tenant_name: null,
  project_domain_id: null,
  project_domain_name: null,
  user_domain_id: null,
  user_domain_name: null,
  default_domain_id: null,
  default_domain_name: null,
  domain_id: null,
  domain_name: null,
  system_scope: null,
  trust_id: null,
  application_credential_id: null,
  application_credential_name: null,
  application_credential_secret: null,
  token: null,
}
const password = { ...unset, auth_type: 'password', username: 'nova', password: 'p' }

function requestOf(section: CredentialSection) {
  const credentials = readCredentials('neutron', section)
  assert.ok(credentials !== null)
  return authRequest(credentials)['auth']
}

test('a section without auth_type has no credentials', () => {
  assert.equal(readCredentials('neutron', unset), null)
})

test('Keystone is asked at its v3 root, however auth_url is written', () => {
  for (const url of ['http://k:5000', 'http://k:5000/', 'http://k:5000/v3', 'http://k:5000/v3/', 'http://k:5000/v2.0'])
    assert.equal(readCredentials('neutron', { ...password, auth_url: url })?.identityUrl, 'http://k:5000/v3')
  assert.equal(readCredentials('neutron', { ...password, auth_url: 'http://k/identity' })?.identityUrl, 'http://k/identity/v3')
})

test('a password goes with user and project in their domains', () => {
  const section = { ...password, project_name: 'service', user_domain_name: 'Users', project_domain_id: 'default' }
  assert.deepEqual(requestOf(section), {
    identity: { methods: ['password'], password: { user: { password: 'p', name: 'nova', domain: { name: 'Users' } } } },
    scope: { project: { name: 'service', domain: { id: 'default' } } },
  })
})

test('ids need no domain, and a default domain stands in for both', () => {
  assert.deepEqual(requestOf({ ...password, user_id: 'u', tenant_id: 't', default_domain_id: 'd' }), {
    identity: { methods: ['password'], password: { user: { password: 'p', id: 'u' } } },
    scope: { project: { id: 't' } },
  })
  assert.deepEqual(requestOf({ ...password, project_name: 'service', default_domain_name: 'D' }), {
    identity: { methods: ['password'], password: { user: { password: 'p', name: 'nova', domain: { name: 'D' } } } },
    scope: { project: { name: 'service', domain: { name: 'D' } } },
  })
})

test('rights on a domain, on the system, by a trust', () => {
  const scopeOf = (more: Partial<CredentialSection>) => Object.entries(requestOf({ ...password, user_id: 'u', ...more }) ?? {})[1]
  assert.deepEqual(scopeOf({ domain_id: 'd' }), ['scope', { domain: { id: 'd' } }])
  assert.deepEqual(scopeOf({ domain_name: 'd' }), ['scope', { domain: { name: 'd' } }])
  assert.deepEqual(scopeOf({ system_scope: 'all', project_id: 'p' }), ['scope', { system: { all: true } }])
  assert.deepEqual(scopeOf({ trust_id: 't' }), ['scope', { 'OS-TRUST:trust': { id: 't' } }])
  assert.equal(scopeOf({}), undefined)
})

test('an application credential has its own rights', () => {
  const section = { ...unset, auth_type: 'v3applicationcredential', application_credential_secret: 's', project_id: 'ignored' }
  assert.deepEqual(requestOf({ ...section, application_credential_id: 'i' }), {
    identity: { methods: ['application_credential'], application_credential: { secret: 's', id: 'i' } },
  })
  assert.deepEqual(requestOf({ ...section, application_credential_name: 'n', username: 'nova', user_domain_id: 'd' }), {
    identity: {
      methods: ['application_credential'],
      application_credential: { secret: 's', name: 'n', user: { name: 'nova', domain: { id: 'd' } } },
    },
  })
})

test('a token is exchanged for another', () => {
  assert.deepEqual(requestOf({ ...unset, auth_type: 'v3token', token: 't', project_id: 'p' }), {
    identity: { methods: ['token'], token: { id: 't' } },
    scope: { project: { id: 'p' } },
  })
})

test('what is missing or not supported is named, and no secret with it', () => {
  const wrong = (section: CredentialSection, message: RegExp) =>
    assert.throws(
      () => readCredentials('neutron', section),
      (err) => isClientError(err, 'configuration') && message.test(err.message) && !/sesame/.test(err.message),
    )
  wrong({ ...password, password: null }, /\[neutron\] password is needed/)
  wrong({ ...password, username: null, password: 'sesame' }, /\[neutron\] username is needed/)
  wrong({ ...password, auth_url: null }, /\[neutron\] auth_url is needed/)
  wrong({ ...password, auth_url: 'controller:5000:x' }, /auth_url is no address/)
  wrong({ ...unset, auth_type: 'v3oidcpassword', password: 'sesame' }, /auth_type v3oidcpassword is not supported/)
})
