import { f } from '../fields.js'
import { defineObject } from './base.js'

/** Sockets, cores and threads. */
export class VirtCPUTopology extends defineObject({
  name: 'VirtCPUTopology',
  version: '1.0',
  fields: {
    cores: f.integer({ nullable: true, default: 1 }),
    sockets: f.integer({ nullable: true, default: 1 }),
    threads: f.integer({ nullable: true, default: 1 }),
  },
}) {}
