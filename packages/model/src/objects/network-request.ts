import { f } from '../fields.js'
import { defineList, defineObject } from './base.js'
import { loadNull } from './load.js'

/** A network or port that an instance shall get. */
export class NetworkRequest extends defineObject({
  name: 'NetworkRequest',
  version: '1.3',
  fields: {
    address: f.ipAddress({ nullable: true }),
    arq_uuid: f.uuid({ nullable: true }),
    device_profile: f.string({ nullable: true }),
    network_id: f.string({ nullable: true }),
    pci_request_id: f.uuid({ nullable: true }),
    port_id: f.uuid({ nullable: true }),
    tag: f.string({ nullable: true }),
  },
  compat: [
    { below: '1.2', removes: ['tag'] },
    { below: '1.3', removes: ['arq_uuid'] },
    { below: '1.3', removes: ['device_profile'] },
  ],
  load: loadNull,
}) {}

export class NetworkRequestList extends defineList({
  name: 'NetworkRequestList',
  version: '1.1',
  of: NetworkRequest,
}) {}
