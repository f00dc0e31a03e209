import { objectFamily } from '@micronova/versionedobjects'
import { f } from '../fields.js'

/** Nova's objects: `nova_object.*` keys, namespace `nova`. */
export const { defineObject, defineDerived, defineList } = objectFamily({ serialNamespace: 'nova_object', projectNamespace: 'nova' })

/** When a row was made and last changed. */
export const timestampFields = {
  created_at: f.dateTime({ nullable: true }),
  updated_at: f.dateTime({ nullable: true }),
} as const

/** The same for rows that are only marked as deleted. */
export const persistentFields = {
  ...timestampFields,
  deleted_at: f.dateTime({ nullable: true }),
  deleted: f.boolean({ default: false }),
} as const
