import { classMethod } from '@micronova/versionedobjects'
import { f } from '../fields.js'
import { defineDerived, defineList, defineObject } from './base.js'

/** What a driver notes of a resource; each driver derives its own. */
export class ResourceMetadata extends defineObject({
  name: 'ResourceMetadata',
  version: '1.0',
  fields: {},
}) {}

/** A persistent memory namespace. */
export class LibvirtVPMEMDevice extends defineDerived({
  name: 'LibvirtVPMEMDevice',
  version: '1.0',
  parent: ResourceMetadata,
  fields: {
    align: f.integer(),
    devpath: f.string(),
    label: f.string(),
    name: f.string(),
    size: f.integer(),
  },
}) {}

/** A resource of a provider that an instance holds, such as a persistent memory namespace. */
export class Resource extends defineObject({
  name: 'Resource',
  version: '1.0',
  fields: {
    identifier: f.string(),
    metadata: f.object(ResourceMetadata, { subclasses: true }),
    provider_uuid: f.uuid(),
    resource_class: f.resourceClass(),
  },
}) {}

export class ResourceList extends defineList({
  name: 'ResourceList',
  version: '1.0',
  of: Resource,
  remotable: {
    get_by_instance_uuid: classMethod('instance_uuid'),
  },
}) {}
