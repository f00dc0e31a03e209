import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareWithReference } from '@micronova/config'
import { limitsOptions } from './keystone/options.js'
import { clientsOptions } from './options.js'

/** Options of Keystone's plugins that Nova's reference lists for none of its groups. */
const ofPlugins = ['application_credential_id', 'application_credential_name', 'application_credential_secret', 'token']
const own = ['placement', 'neutron', 'cinder', 'service_user', 'keystone_authtoken', 'oslo_limit'].flatMap((group) =>
  ofPlugins.map((name) => `[${group}] ${name}`),
)

test('the options of the clients are those of Nova', () => {
  const differences = compareWithReference([...clientsOptions, ...limitsOptions], own)
  // [keystone_authtoken] gets its credentials when its plugin is loaded: the reference has none of them. Of [oslo_limit] it has all but
  // what names the plugin.
  assert.deepEqual(
    differences.filter(
      (difference) => !/^\[(keystone_authtoken\] \w+|oslo_limit\] auth_(type|section)) is no option of Nova$/.test(difference),
    ),
    [],
  )
})
