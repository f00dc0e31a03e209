import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineObject, timestampFields } from './base.js'

/** A token that opens the console of an instance for a while. */
export class ConsoleAuthToken extends defineObject({
  name: 'ConsoleAuthToken',
  version: '1.1',
  fields: {
    ...timestampFields,
    access_url_base: f.string({ nullable: true }),
    console_type: f.string(),
    host: f.string(),
    id: f.integer(),
    instance_uuid: f.uuid(),
    internal_access_path: f.string({ nullable: true }),
    port: f.integer(),
    token: f.string(),
  },
  remotable: {
    authorize: instanceMethod('ttl'),
    clean_console_auths_for_instance: classMethod('instance_uuid'),
    clean_expired_console_auths: classMethod(),
    clean_expired_console_auths_for_host: classMethod('host'),
    validate: classMethod('token'),
  },
}) {}
