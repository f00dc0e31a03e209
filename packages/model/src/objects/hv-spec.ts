import type { Primitive } from '@micronova/versionedobjects'
import { Architecture, HVType, VMMode } from '../enums.js'
import { f } from '../fields.js'
import { defineObject } from './base.js'

/** A kind of guest that a hypervisor can run. */
export class HVSpec extends defineObject({
  name: 'HVSpec',
  version: '1.2',
  fields: {
    arch: f.enum(Architecture),
    hv_type: f.enum(HVType),
    vm_mode: f.enum(VMMode),
  },
  compat: [{ below: '1.1', change: nameParallels }],
}) {}

/** Virtuozzo had another name before 1.1. */
function nameParallels(data: Primitive): void {
  if (data.hv_type === 'vz') data.hv_type = 'parallels'
}
