import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { isClientError, type Volume } from '@micronova/clients'
import { needs } from '@micronova/testing'
import { clientsFrom } from '../support/clients-from.js'
import { keystone, lines, userContext } from '../support/real-cloud.js'

const cinderService = await needs('cinder')
const skip = keystone.skip || cinderService.skip
const clients = clientsFrom(`[cinder]\n${lines}\n`)
after(() => clients.close())
const { cinder } = clients

const notFound = (err: unknown) => isClientError(err, 'not_found')
const connector = { host: 'micronova', ip: '127.0.0.1', initiator: 'fake' }

test('Cinder keeps a volume for a server, connects it, and gives it back', { skip, timeout: 120_000 }, async (t) => {
  const user = await userContext()
  /** Asks until it has come so far; a request takes its time. */
  const until = async (status: string, volumeId: string): Promise<Volume> => {
    for (;;) {
      const volume = await cinder.getVolume(user, volumeId)
      if (volume.status === status) return volume
      assert.doesNotMatch(volume.status, /^error/)
    }
  }
  assert.equal(await cinder.isMicroversionSupported(user, '3.44'), true)
  assert.equal(await cinder.isMicroversionSupported(user, '3.999'), false)
  const { id: volumeId } = await cinder.createVolume(user, { size: 1, name: 'micronova', metadata: { made: 'by a test' } })
  t.after(() => cinder.deleteVolume(user, volumeId).catch(() => {}))
  const made = await until('available', volumeId)
  assert.deepEqual([made.size, made.metadata, made.attachments], [1, { made: 'by a test' }, []])
  assert.equal(typeof (await cinder.getVolume(user, volumeId, { microversion: '3.48' })).shared_targets, 'boolean')

  const instanceUuid = randomUUID()
  const attachment = await cinder.createAttachment(user, { volumeId, instanceUuid })
  t.after(() => cinder.deleteAttachment(user, attachment.id).catch(() => {}))
  await until('reserved', volumeId)
  const connected = await cinder.updateAttachment(user, attachment.id, { connector, mountpoint: '/dev/vdb' })
  assert.equal(typeof connected.connection_info?.driver_volume_type, 'string')
  assert.deepEqual((await cinder.showAttachment(user, attachment.id)).connection_info, connected.connection_info)
  await cinder.completeAttachment(user, attachment.id)
  const { attachments } = await until('in-use', volumeId)
  assert.deepEqual([attachments[0]?.server_id, attachments[0]?.attachment_id], [instanceUuid, attachment.id])
  await cinder.beginDetaching(user, volumeId)
  await until('detaching', volumeId)
  await cinder.rollDetaching(user, volumeId)
  await until('in-use', volumeId)
  await cinder.deleteAttachment(user, attachment.id)
  await assert.rejects(cinder.deleteAttachment(user, attachment.id), notFound)
  await until('available', volumeId)

  await cinder.reserveVolume(user, volumeId)
  await assert.rejects(cinder.reserveVolume(user, volumeId), (err) => isClientError(err, 'bad_request'))
  await cinder.unreserveVolume(user, volumeId)
  await assert.rejects(cinder.getSnapshot(user, randomUUID()), notFound)
  await cinder.deleteVolume(user, volumeId)
  await assert.rejects(
    async () => {
      for (;;) await cinder.getVolume(user, volumeId)
    },
    (err) => notFound(err),
  )
})

test('the service asks Cinder by its own credentials for a project that it names', { skip }, async () => {
  const service = { ...(await userContext()), authToken: null, serviceCatalog: [], isAdmin: true }
  await assert.rejects(cinder.getVolume(service, randomUUID(), { auth: 'admin' }), notFound)
})
