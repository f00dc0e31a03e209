import { defineOptions, opt } from '@micronova/config'

export const neutronOptions = defineOptions('neutron', {
  http_retries: opt.integer({ default: 3, min: 0, help: 'How often to try again when no connection to Neutron is made.' }),
  extension_sync_interval: opt.integer({ default: 600, min: 0, help: 'Seconds for which the list of extensions of Neutron is kept.' }),
})
