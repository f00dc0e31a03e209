import { enums, imageProperty } from '@micronova/model'
import type { HostState } from '../hosts/host-state.js'
import { type HostFilter, passesAll } from './filter.js'
import { satisfies, versionText } from './version-predicate.js'

/** Hosts whose hypervisor runs the architecture, hypervisor type and vm mode that the image names, in the version that it names. */
export const imagePropertiesFilter: HostFilter = {
  name: 'ImagePropertiesFilter',
  module: 'image_props_filter',
  oncePerRequest: true,
  onRebuild: true,
  prepare: (spec, { settings }) => {
    const image = spec.objIsSet('image') ? spec.image : null
    const architecture = imageProperty(image, 'hw_architecture') ?? settings.image_properties_default_architecture
    const type = imageProperty(image, 'img_hv_type')
    const mode = imageProperty(image, 'hw_vm_mode')
    const wanted = [
      architecture ? enums.Architecture.coerce(architecture, 'hw_architecture') : null,
      type ? enums.HVType.coerce(type, 'img_hv_type') : null,
      mode ? enums.VMMode.coerce(mode, 'hw_vm_mode') : null,
    ].filter((word) => word !== null)
    if (wanted.length === 0) return passesAll
    const version = imageProperty(image, 'img_hv_requested_version')
    return (host) =>
      host.facts.supportedInstances.some((supported) => wanted.every((word) => supported.includes(word))) &&
      hasVersion(host, typeof version === 'string' ? version : '')
  },
}

function hasVersion({ facts }: HostState, predicate: string): boolean {
  const version = facts.node.hypervisor_version
  return !version || predicate === '' || satisfies(versionText(version), predicate)
}
