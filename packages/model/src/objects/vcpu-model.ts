import { classMethod } from '@micronova/versionedobjects'
import { Architecture, CPUFeaturePolicy, CPUMatch, CPUMode } from '../enums.js'
import { f } from '../fields.js'
import { defineObject } from './base.js'
import { loadNull } from './load.js'
import { VirtCPUTopology } from './virt-cpu-topology.js'

/** A CPU feature and whether a guest must have it. */
export class VirtCPUFeature extends defineObject({
  name: 'VirtCPUFeature',
  version: '1.0',
  fields: {
    name: f.string(),
    policy: f.enum(CPUFeaturePolicy, { nullable: true }),
  },
  load: loadNull,
}) {}

/** The CPU that a guest sees. */
export class VirtCPUModel extends defineObject({
  name: 'VirtCPUModel',
  version: '1.0',
  fields: {
    arch: f.enum(Architecture, { nullable: true }),
    features: f.list(f.object(VirtCPUFeature), { default: () => [] }),
    match: f.enum(CPUMatch, { nullable: true }),
    mode: f.enum(CPUMode, { nullable: true }),
    model: f.string({ nullable: true }),
    topology: f.object(VirtCPUTopology, { nullable: true }),
    vendor: f.string({ nullable: true }),
  },
  remotable: {
    get_by_instance_uuid: classMethod('instance_uuid'),
  },
  load: loadNull,
}) {}
