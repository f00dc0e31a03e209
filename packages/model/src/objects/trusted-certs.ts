import { classMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineObject } from './base.js'

/** Certificates that may have signed the image of an instance. */
export class TrustedCerts extends defineObject({
  name: 'TrustedCerts',
  version: '1.0',
  fields: {
    ids: f.list(f.string()),
  },
  remotable: {
    get_by_instance_uuid: classMethod('instance_uuid'),
  },
}) {}
