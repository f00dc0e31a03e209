import { defineOptions, opt } from '@micronova/config'

export const cinderOptions = defineOptions('cinder', {
  catalog_info: opt.string({
    default: 'volumev3::publicURL',
    regex: '^\\w+:\\w*:.*$',
    help: 'Which address of the catalogue to use: type:name:interface; the name may be empty.',
  }),
  endpoint_template: opt.string({
    help: 'Address of Cinder instead of that in the catalogue: http://controller:8776/v3/%(project_id)s.',
  }),
  os_region_name: opt.string({ help: 'Region whose address is used. Unset: the first one.' }),
  http_retries: opt.integer({ default: 3, min: 0, help: 'How often to try again when no connection to Cinder is made.' }),
})
