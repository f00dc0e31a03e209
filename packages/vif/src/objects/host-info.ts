import { f } from '@micronova/versionedobjects'
import { defineObject } from './base.js'

const versions = { min_version: f.string(), max_version: f.string() } as const

/** A port profile that a plug understands, and its versions. */
export class HostPortProfileInfo extends defineObject({
  name: 'HostPortProfileInfo',
  version: '1.0',
  fields: { profile_object_name: f.string(), ...versions },
}) {}

/** A kind of interface that a plug understands, and its versions. */
export class HostVIFInfo extends defineObject({
  name: 'HostVIFInfo',
  version: '1.1',
  fields: { vif_object_name: f.string(), ...versions, supported_port_profiles: f.list(f.object(HostPortProfileInfo)) },
  compat: [{ below: '1.1', removes: ['supported_port_profiles'] }],
}) {}

/** A plug and what it understands. */
export class HostPluginInfo extends defineObject({
  name: 'HostPluginInfo',
  version: '1.0',
  fields: { plugin_name: f.string(), vif_info: f.list(f.object(HostVIFInfo)) },
}) {}

/** The plugs of a host. */
export class HostInfo extends defineObject({
  name: 'HostInfo',
  version: '1.0',
  fields: { plugin_info: f.list(f.object(HostPluginInfo)) },
}) {}
