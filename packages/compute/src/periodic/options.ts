import { defineOptions, opt, type Section } from '@micronova/config'

/** When the periodic tasks run and what they do. Spacings: 0 is every 60 s, below 0 never. */
export const periodicOptions = defineOptions('DEFAULT', {
  instance_build_timeout: opt.integer({
    min: 0,
    default: 0,
    help: 'Seconds after which a build that has not ended counts as failed; 0: never.',
  }),
  reboot_timeout: opt.integer({
    default: 0,
    min: 0,
    help: 'Seconds after which the hypervisor deals with a reboot that has not ended; 0: never.',
  }),
  resize_confirm_window: opt.integer({
    default: 0,
    min: 0,
    help: 'Seconds after which a resize that nobody has decided about is confirmed; 0: never.',
  }),
  rescue_timeout: opt.integer({
    default: 0,
    min: 0,
    help: 'Seconds after which a rescue is ended; 0: never.',
  }),
  shelved_poll_interval: opt.integer({
    default: 3600,
    help: 'Seconds between two searches for shelved instances that are to leave this host.',
  }),
  scheduler_instance_sync_interval: opt.integer({ default: 120, help: 'Seconds between two lists of instances sent to the schedulers.' }),
  sync_power_state_interval: opt.integer({
    default: 600,
    help: "Seconds between two comparisons of the database's power states with the hypervisor's.",
  }),
  reclaim_instance_interval: opt.integer({
    default: 0,
    help: 'Seconds after which a soft-deleted instance is deleted for good; 0: never.',
  }),
  update_resources_interval: opt.integer({ default: 0, help: 'Seconds between two counts of what this host has and uses.' }),
  running_deleted_instance_action: opt.string({
    default: 'reap',
    choices: ['reap', 'log', 'shutdown', 'noop'],
    help: 'What becomes of a guest whose instance is deleted.',
  }),
  running_deleted_instance_poll_interval: opt.integer({
    default: 1800,
    help: 'Seconds between two searches for guests whose instance is deleted.',
  }),
  running_deleted_instance_timeout: opt.integer({
    default: 0,
    help: 'Seconds for which an instance must be deleted before its guest is dealt with.',
  }),
  heal_instance_info_cache_interval: opt.integer({
    default: 60,
    help: 'Seconds between two instances whose info cache is compared with Neutron; 0 and below: never.',
  }),
  instance_delete_interval: opt.integer({ default: 300, help: 'Seconds between two rounds of clearing away what deleted instances left.' }),
})

export type PeriodicSection = Section<typeof periodicOptions>
