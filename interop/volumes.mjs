// The volumes of one scenario: made, waited for, attached, and removed.
import assert from 'node:assert/strict'
import { pollUntil } from './wait.mjs'

/** A volume became an error, or something that it never should. */
export class VolumeFailed extends Error {
  name = 'VolumeFailed'
}

export class Volumes {
  #cloud
  #client
  #label
  /** Ids of all volumes made, removed ones included. */
  ids = []

  /**
   * @param {import('./cloud.mjs').Cloud} cloud
   * @param {string} label name of the volumes
   */
  constructor(cloud, label) {
    this.#cloud = cloud
    this.#client = cloud.client
    this.#label = label
  }

  /**
   * A volume that is available.
   * @param {{ size?: number, bootable?: boolean, type?: string }} [options] `size` in GiB; `bootable`: of the image that servers boot from
   */
  async create({ size = 1, bootable = false, type } = {}) {
    const volume = { name: this.#label, size, volume_type: type, ...(bootable && { imageRef: this.#cloud.made.image }) }
    const { id } = (await this.#client.cinder('POST', '/volumes', { volume })).body.volume
    this.ids.push(id)
    await this.waitFor(id, 'available')
    return id
  }

  async get(id) {
    return (await this.#client.cinder('GET', `/volumes/${id}`)).body.volume
  }

  async waitFor(id, status, { timeoutMs = 30_000, also = (_volume) => true } = {}) {
    let last = {}
    return pollUntil(
      `volume ${id} to be ${status}`,
      async () => {
        last = await this.get(id)
        if (/^error/.test(last.status) && last.status !== status) throw new VolumeFailed(`volume ${id} is ${last.status}`)
        return last.status === status && also(last) && last
      },
      { timeoutMs, describe: () => `, it is ${last.status} with ${last.attachments?.length} attachments` },
    )
  }

  /** It is in use by that server alone, whose mapping names the attachment; `host` is the one that was connected. */
  async checkAttached(id, server, { host } = {}) {
    const { attachments } = await this.waitFor(id, 'in-use', { also: (volume) => volume.attachments.length === 1 })
    assert.equal(attachments[0].server_id, server, 'the server of the attachment')
    const mapping = (await this.attachmentsOf(server)).find((one) => one.volumeId === id)
    assert.ok(mapping, `server ${server} does not name volume ${id}`)
    assert.equal(mapping.attachment_id, attachments[0].attachment_id, 'the attachment that the server names')
    const path = `/attachments/${mapping.attachment_id}`
    const connected = await pollUntil('the attachment to be complete', async () => {
      const { attachment } = (await this.#client.cinder('GET', path)).body
      return attachment.status === 'attached' && attachment
    })
    if (host) assert.equal(connected.connection_info.host, host, 'the host that is connected')
    return mapping
  }

  /** Nobody uses it. */
  async checkFree(id) {
    await this.waitFor(id, 'available', { also: (volume) => volume.attachments.length === 0 })
    const { attachments } = (await this.#client.cinder('GET', `/attachments?volume_id=${id}&all_tenants=1`)).body
    assert.deepEqual(attachments, [], `attachments of volume ${id} are left`)
  }

  async checkGone(id) {
    await pollUntil(
      `volume ${id} to go`,
      async () => (await this.#client.cinder('GET', `/volumes/${id}`, undefined, { allow: [404] })).status === 404,
      { timeoutMs: 20_000 },
    )
  }

  /** What nova-api says is attached to a server. */
  async attachmentsOf(server) {
    return (await this.#client.nova('GET', `/servers/${server}/os-volume_attachments`)).body.volumeAttachments
  }

  /** Asks for it and waits until the volume is in use. */
  async attach(id, server, options = {}) {
    const wanted = { volumeAttachment: { volumeId: id, ...options } }
    const { volumeAttachment: made } = (await this.#client.nova('POST', `/servers/${server}/os-volume_attachments`, wanted)).body
    await this.waitFor(id, 'in-use')
    return made
  }

  /** Asks for it and waits until the volume is free. */
  async detach(id, server) {
    await this.#client.nova('DELETE', `/servers/${server}/os-volume_attachments/${id}`)
    await this.checkFree(id)
    await pollUntil('the mapping to go', async () => (await this.attachmentsOf(server)).every((one) => one.volumeId !== id))
  }

  /** The volume that a server boots from, as Nova made it; it is the scenario's from now on. */
  async adoptRoot(server) {
    const [root] = await this.attachmentsOf(server)
    this.ids.push(root.volumeId)
    return root.volumeId
  }

  /** Checks that nothing uses them any more, and deletes what is left. Their servers must be gone. */
  async removeAll() {
    const left = []
    for (const id of this.ids) {
      const { status } = await this.#client.cinder('GET', `/volumes/${id}`, undefined, { allow: [404] })
      if (status !== 404) left.push(id)
    }
    for (const id of left) await this.checkFree(id)
    for (const id of left) {
      const { snapshots } = (await this.#client.cinder('GET', `/snapshots?volume_id=${id}`)).body
      for (const snapshot of snapshots) await this.removeSnapshot(snapshot.id)
      await this.#client.cinder('DELETE', `/volumes/${id}`)
    }
    for (const id of left) await this.checkGone(id)
  }

  async removeSnapshot(id) {
    await this.#client.cinder('DELETE', `/snapshots/${id}`, undefined, { allow: [404] })
    await pollUntil(
      `snapshot ${id} to go`,
      async () => (await this.#client.cinder('GET', `/snapshots/${id}`, undefined, { allow: [404] })).status === 404,
    )
  }
}

/** What is asked for a server that boots from a volume, itself or made of the `source`: `volume`, `image` or `snapshot`. */
export const bootFrom = (source, uuid, { keep = false, size = 1 } = {}) => ({
  imageRef: undefined,
  block_device_mapping_v2: [
    {
      boot_index: 0,
      uuid,
      source_type: source,
      destination_type: 'volume',
      delete_on_termination: !keep,
      ...(source === 'image' && { volume_size: size }),
    },
  ],
})
