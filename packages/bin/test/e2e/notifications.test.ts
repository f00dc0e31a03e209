import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonObject } from '@micronova/messaging'
import { createBoot } from './support/boots.js'
import { Cell } from './support/cell.js'
import { eventually } from './support/eventually.js'
import { RawBroker } from './support/raw-broker.js'
import { servicesSkip } from './support/services.js'

const telling = {
  oslo_messaging_notifications: { driver: 'messagingv2' },
  notifications: { notification_format: 'unversioned', notify_on_state_change: 'vm_state' },
}

test('the older form names images by api_servers, without it by the catalogue of the request', { skip: servicesSkip }, async (t) => {
  const cell = await Cell.create(t)
  const broker = await RawBroker.open(cell.cleanups, cell.brokerUrl)
  const told: JsonObject[] = []
  const topic = 'notifications.info'
  await broker.consume('listener', ({ content }) => told.push(innerOf(content)), { exchange: 'nova', routingKey: topic })
  await cell.start('nova-conductor', { ...telling, glance: { api_servers: 'http://images:9292' } })
  await cell.start('nova-compute', { ...telling, DEFAULT: { host: 'compute1' }, glance: { api_servers: 'http://images:9292' } })
  await cell.start('nova-compute', { ...telling, DEFAULT: { host: 'compute2' }, glance: { api_servers: null } })
  const plane = cell.controlPlane()

  const addresses = { compute1: 'http://images:9292', compute2: 'http://127.0.0.1:9292' }
  for (const [host, address] of Object.entries(addresses)) {
    await t.test(`${host}: ${address}`, async () => {
      const boot = await createBoot(plane, host)
      await boot.build()
      const url = async (event: string, base: string) => {
        const { image_ref_url: url } = await eventually(`${event} is told`, () => payloadOf(told, event, boot.uuid))
        assert.equal(url, `${base}/images/${boot.instance.image_ref}`, event)
      }
      await url('compute.instance.create.end', address)
      await url('compute.instance.update', 'http://images:9292')
    })
  }
})

function innerOf(content: Buffer): JsonObject {
  const { 'oslo.message': inner } = JSON.parse(content.toString()) as { 'oslo.message': string }
  return JSON.parse(inner) as JsonObject
}

function payloadOf(told: readonly JsonObject[], event: string, uuid: string): JsonObject | undefined {
  const payloads = told.filter(({ event_type }) => event_type === event).map(({ payload }) => payload as JsonObject)
  return payloads.find(({ instance_id }) => instance_id === uuid)
}
