import { f } from '../fields.js'
import { defineObject } from './base.js'

/** Physical networks, and whether there are tunnels. */
export class NetworkMetadata extends defineObject({
  name: 'NetworkMetadata',
  version: '1.0',
  fields: {
    physnets: f.set(f.string()),
    tunneled: f.boolean(),
  },
}) {}
