import { defineOptions, opt } from '@micronova/config'

/** What decides which driver a compute service has. */
export const virtOptions = defineOptions('DEFAULT', {
  compute_driver: opt.string({
    help: 'The virt driver: fake.FakeDriver, or one of its variants such as fake.SmallFakeDriver. Required for nova-compute.',
  }),
})
