import { defineOptions, opt, type Section } from '@micronova/config'

/** What a compute tells Placement of its nodes, and how long it trusts what it was told. */
export const placementOptions = defineOptions('compute', {
  resource_provider_association_refresh: opt.integer({
    default: 300,
    min: 0,
    mutable: true,
    help: 'Seconds after which inventories and traits of the nodes are read from Placement again, to find what others changed. 0: once. SIGHUP has them read at the next update.',
  }),
  provider_config_location: opt.string({
    default: '/etc/nova/provider_config/',
    help: 'Folder of provider configurations: files *.yaml with further inventories and traits of the nodes of this host.',
  }),
  image_type_exclude_list: opt.list({
    default: [],
    help: 'Formats of images that this host shall not be chosen for, though its driver can boot them.',
  }),
})

export type PlacementSection = Section<typeof placementOptions>
