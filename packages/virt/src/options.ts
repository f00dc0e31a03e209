import { defineOptions, opt } from '@micronova/config'

/** What decides which driver a compute service has. */
export const virtOptions = defineOptions('DEFAULT', {
  compute_driver: opt.string({
    help: 'The virt driver: fake.FakeDriver, or one of its variants such as fake.SmallFakeDriver. Required for nova-compute.',
  }),
  my_block_storage_ip: opt.string({
    default: '$my_ip',
    help: 'Address of this host in the network of the volumes; Cinder is told.',
  }),
})
