import { f } from '@micronova/versionedobjects'
import { defineObject } from './base.js'

/** What a plug learns of the instance whose interface it plugs. */
export class InstanceInfo extends defineObject({
  name: 'InstanceInfo',
  version: '1.0',
  fields: { uuid: f.uuid(), name: f.string(), project_id: f.string() },
}) {}
