import { classMethod, instanceMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineList, defineObject, persistentFields } from './base.js'

/** An SSH key of a user. */
export class KeyPair extends defineObject({
  name: 'KeyPair',
  version: '1.4',
  fields: {
    ...persistentFields,
    fingerprint: f.string({ nullable: true }),
    id: f.integer(),
    name: f.string(),
    public_key: f.string({ nullable: true }),
    type: f.string(),
    user_id: f.string({ nullable: true }),
  },
  remotable: {
    create: instanceMethod(),
    destroy: instanceMethod(),
    destroy_by_name: classMethod('user_id', 'name'),
    get_by_name: classMethod('user_id', 'name', ['localonly', false]),
  },
  compat: [{ below: '1.2', removes: ['type'] }],
}) {}

export class KeyPairList extends defineList({
  name: 'KeyPairList',
  version: '1.3',
  of: KeyPair,
  remotable: {
    get_by_user: classMethod('user_id', ['limit', null], ['marker', null]),
    get_count_by_user: classMethod('user_id'),
  },
}) {}
