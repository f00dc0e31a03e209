import { f } from '../fields.js'
import { defineObject } from './base.js'

/** Something that Neutron, Cinder or Ironic tells about an instance. */
export class InstanceExternalEvent extends defineObject({
  name: 'InstanceExternalEvent',
  version: '1.5',
  fields: {
    data: f.dict(f.string()),
    instance_uuid: f.uuid(),
    name: f.words([
      'network-changed',
      'network-vif-plugged',
      'network-vif-unplugged',
      'network-vif-deleted',
      'volume-extended',
      'power-update',
      'accelerator-request-bound',
      'volume-reimaged',
    ]),
    status: f.words(['failed', 'completed', 'in-progress']),
    tag: f.string({ nullable: true }),
  },
}) {}
