import assert from 'node:assert/strict'
import { test } from 'node:test'
import { host } from '../../test/support/compute-fixture.js'
import { periodicFixture } from '../../test/support/periodic-fixture.js'

test('the expired tokens of this host are removed', async () => {
  const fixture = await periodicFixture()
  await fixture.run('_cleanup_expired_console_auth_tokens')
  assert.deepEqual(
    fixture.calls.map(({ method, args }) => [method, args]),
    [['consoleAuthTokens.cleanExpiredForHost', [host]]],
  )
})
