import { defineOptions, opt } from '@micronova/config'

export const glanceOptions = defineOptions('glance', {
  api_servers: opt.list({
    deprecatedForRemoval: true,
    deprecatedReason: 'the address of Glance is found in the catalogue, or set with endpoint_override.',
    help: 'Addresses of Glance, asked in turn from a random one on: http://controller:9292. Unset: that of the catalogue.',
  }),
  num_retries: opt.integer({
    default: 3,
    min: 0,
    help: 'How often to try again when Glance cannot be reached or answers 503; 1 s lies between.',
  }),
})
