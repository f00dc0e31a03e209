import { objectFamily } from '@micronova/versionedobjects'

/** Objects that exist for one notification: nothing in them counts as changed. */
export const { defineObject: defineNotification, defineDerived: defineDerivedNotification } = objectFamily({
  serialNamespace: 'nova_object',
  projectNamespace: 'nova',
  construct: 'unchanged',
})
