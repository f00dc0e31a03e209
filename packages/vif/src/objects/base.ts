import { objectFamily } from '@micronova/versionedobjects'

/** os-vif's objects: `versioned_object.*` keys, namespace `os_vif`. */
export const { defineObject, defineDerived, defineList } = objectFamily({ serialNamespace: 'versioned_object', projectNamespace: 'os_vif' })
