import type { ServiceConfig } from '../src/options.js'

/** The values of the options as they stand without a configuration file. */
export const defaultConfig: ServiceConfig = {
  host: 'compute1',
  report_interval: 10,
  service_down_time: 60,
  periodic_enable: true,
  periodic_fuzzy_delay: 60,
  run_external_periodic_tasks: true,
  graceful_shutdown_timeout: 60,
  log_options: true,
  tempdir: null,
  compute_topic: null,
  compute_manager: null,
  conductor_manager: null,
  scheduler_manager: null,
  monkey_patch: false,
  monkey_patch_modules: ['nova.compute.api:nova.notifications.notify_decorator'],
}
