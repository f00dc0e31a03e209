import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock, systemRandom } from '@micronova/lifecycle'
import { adminContext, novaRegistry } from '@micronova/model'
import { createNovaSerializer } from '@micronova/rpcapi'
import { maskedArguments } from './masked-arguments.js'
import { notifyDecorator } from './notify-decorator.js'

const ctx = adminContext({ clock: systemClock, random: systemRandom })
const { signal } = new AbortController()
const serializer = createNovaSerializer({ registry: novaRegistry() })

test('the call is told before it runs, with its arguments', async () => {
  const events: unknown[] = []
  const emitter = { sendsLegacy: true, emitLegacy: async (_ctx: unknown, ...told: unknown[]) => void events.push(told) }
  const decorator = notifyDecorator({ emitter, serializer }, { publisherId: 'api.compute1', priority: 'info' })
  const call = decorator('nova.compute.manager.ComputeManager.set_admin_password', async () => events.push('run'))
  await call(ctx, { instance: null, new_pass: 'S3CRET', reboot_type: 'SOFT' }, signal)
  const payload = { args: [], kwarg: { instance: null, new_pass: '***', reboot_type: 'SOFT' } }
  assert.deepEqual(events, [['info', 'api.compute1', 'nova.compute.manager.ComputeManager.set_admin_password', payload], 'run'])
})

test('nothing is made where nothing is sent', async () => {
  const emitter = { sendsLegacy: false, emitLegacy: () => assert.fail('it was sent') }
  const refusing = { serializeEntity: () => assert.fail('it was made') }
  const decorator = notifyDecorator({ emitter, serializer: refusing }, { publisherId: 'api.compute1', priority: 'info' })
  assert.equal(await decorator('x', async () => 7)(ctx, {}, signal), 7)
})

test('secrets of every depth are masked: passwords, tokens, keys, files and user data for the guest, JSON in a text', () => {
  const masked = maskedArguments({
    admin_password: 'S3CRET',
    rescue_password: null,
    injected_files: [['/etc/shadow', 'S3CRET']],
    instance: { 'nova_object.data': { uuid: 'u1', user_data: 'S3CRET', system_metadata: { password_0: 'S3CRET', image_os: 'x' } } },
    bdms: [{ connection_info: '{"data": {"auth_password": "S3CRET", "lun": 1}}' }],
  })
  assert.doesNotMatch(JSON.stringify(masked), /S3CRET/)
  assert.equal(masked.rescue_password, null)
  assert.deepEqual(masked.instance, {
    'nova_object.data': { uuid: 'u1', user_data: '***', system_metadata: { password_0: '***', image_os: 'x' } },
  })
})
