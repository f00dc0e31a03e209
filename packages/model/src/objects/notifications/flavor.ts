import { f } from '../../fields.js'
import { notificationFields } from './base.js'
import { defineNotification } from './notification-family.js'

/** A flavor. */
export class FlavorPayload extends defineNotification({
  name: 'FlavorPayload',
  version: '1.4',
  fields: {
    description: f.string({ nullable: true }),
    disabled: f.boolean(),
    ephemeral_gb: f.integer({ nullable: true }),
    extra_specs: f.dict(f.string(), { nullable: true }),
    flavorid: f.string({ nullable: true }),
    is_public: f.boolean(),
    memory_mb: f.integer({ nullable: true }),
    name: f.string(),
    projects: f.list(f.string(), { nullable: true }),
    root_gb: f.integer({ nullable: true }),
    rxtx_factor: f.float({ nullable: true }),
    swap: f.integer(),
    vcpu_weight: f.integer({ nullable: true }),
    vcpus: f.integer({ nullable: true }),
  },
  schema: {
    description: ['flavor', 'description'],
    disabled: ['flavor', 'disabled'],
    ephemeral_gb: ['flavor', 'ephemeral_gb'],
    extra_specs: ['flavor', 'extra_specs'],
    flavorid: ['flavor', 'flavorid'],
    is_public: ['flavor', 'is_public'],
    memory_mb: ['flavor', 'memory_mb'],
    name: ['flavor', 'name'],
    projects: ['flavor', 'projects'],
    root_gb: ['flavor', 'root_gb'],
    rxtx_factor: ['flavor', 'rxtx_factor'],
    swap: ['flavor', 'swap'],
    vcpu_weight: ['flavor', 'vcpu_weight'],
    vcpus: ['flavor', 'vcpus'],
  },
}) {}

/** Notification `flavor.<action>`. */
export class FlavorNotification extends defineNotification({
  name: 'FlavorNotification',
  version: '1.0',
  fields: {
    ...notificationFields,
    payload: f.object(FlavorPayload),
  },
}) {}
